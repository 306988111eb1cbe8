import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useSession } from './store'
import { afterSignIn } from './addresses'

/** Continues to the requested page as soon as somebody is signed in, in this tab or another. */
export function useContinueAfterSignIn(): void {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  watch(
    () => session.isSignedIn,
    (isSignedIn) => void (isSignedIn && router.replace(afterSignIn(route.query))),
  )
}
