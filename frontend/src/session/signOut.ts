/** Signs out while the server is unreachable: only it can remove the cookie, so the request is repeated later. */
import { api, body } from '@/api/client'
import { isProblem } from '@/api/problem'

const OWED = 'crmtenant.sign-out-owed'

/** Ends the session on the server, now or as soon as it can be reached. */
export async function endSession(): Promise<void> {
  localStorage.setItem(OWED, '1')
  try {
    await body(api.DELETE('/api/sessions/current', { keepalive: true }))
  } catch (error) {
    // The session had already ended.
    if (!isProblem(error, 401)) throw error
  }
  localStorage.removeItem(OWED)
}

/** Repeats a sign-out that is still owed, if the server can be reached. */
export async function retryOwedSignOut(): Promise<void> {
  if (localStorage.getItem(OWED) !== null) await endSession()
}
