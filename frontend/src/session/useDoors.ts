/** Going elsewhere: into another company, or out (the shell then shows the sign-in). Nothing comes back; what is refused is told as a notice. */
import { useRouter } from 'vue-router'
import { useNotices } from '@/shared/notices'
import { useSession } from './store'

export function useDoors() {
  const router = useRouter()
  const session = useSession()
  const notices = useNotices()

  async function switchTo(company: string): Promise<void> {
    if (company === session.companyId) return
    try {
      await session.switchTo(company)
      await router.push('/')
    } catch (error) {
      notices.failed(error)
    }
  }

  async function signOut(): Promise<void> {
    try {
      await session.signOut()
    } catch (error) {
      notices.failed(error)
    }
  }

  return { switchTo, signOut }
}
