import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useSession } from './store'
import { afterSignIn } from './where'

/** Nothing comes back; as soon as somebody is signed in, here or in another tab, they are where they wanted to be. */
export function useWayIn(): void {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  watch(
    () => session.isSignedIn,
    (isSignedIn) => void (isSignedIn && router.replace(afterSignIn(route.query))),
  )
}
