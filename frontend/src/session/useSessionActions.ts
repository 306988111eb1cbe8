/** Switches company or signs out (the shell then shows the sign-in). Refusals become notices. */
import { isNavigationFailure, NavigationFailureType, useRouter } from 'vue-router'
import { useI18n } from 'vue-i18n'
import { Unreachable } from '@/api/problem'
import { useNotices } from '@/shared/notices'
import { useSession } from './store'

export function useSessionActions() {
  const { t } = useI18n()
  const router = useRouter()
  const session = useSession()
  const notices = useNotices()

  async function switchTo(company: string): Promise<void> {
    if (company === session.companyId) return
    // Navigates home first, so that unsaved changes can hold the person back.
    if (isNavigationFailure(await router.push('/'), NavigationFailureType.aborted)) return
    try {
      await session.switchTo(company)
    } catch (error) {
      notices.failed(error, t('common.action_failed'))
    }
  }

  async function signOut(): Promise<void> {
    try {
      await session.signOut()
    } catch (error) {
      if (error instanceof Unreachable) notices.done(t('session.sign_out_owed'))
      else notices.failed(error, t('common.action_failed'))
    }
  }

  return { switchTo, signOut }
}
