/** Signing out where the server cannot be reached: the cookie is its to take away, so it is asked again later. */
import { api, body } from '@/api/client'
import { isProblem } from '@/api/problem'

const OWED = 'crmtenant.sign-out-owed'

/** Nothing comes back; the server has ended this sign-in, or will be asked to as soon as it can be reached. */
export async function endSession(): Promise<void> {
  localStorage.setItem(OWED, '1')
  try {
    await body(api.DELETE('/api/sessions/current', { keepalive: true }))
  } catch (error) {
    // It was over before.
    if (!isProblem(error, 401)) throw error
  }
  localStorage.removeItem(OWED)
}

/** Nothing comes back; a sign-out that is still owed is made good, if the server can be reached. */
export async function makeGood(): Promise<void> {
  if (localStorage.getItem(OWED) !== null) await endSession()
}
