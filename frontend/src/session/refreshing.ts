/** Requests the next access token with the refresh cookie. */
import { api, body, type Schemas } from '@/api/client'
import { isProblem } from '@/api/problem'

/** Delays for retries while the response to a closed document, and its cookie, may still be on its way. In total less than the server's grace period. */
const PAUSES_MS = [150, 300, 600, 1_200]

/** Returns a session with its next access token. Throws `ApiProblem` 401 or 403 when there is none. */
export async function askForSession(): Promise<Schemas['OpenedByPerson']> {
  for (const pause of PAUSES_MS) {
    try {
      return await ask()
    } catch (error) {
      if (!isProblem(error, 409)) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return ask()
}

/** `keepalive`: a page reloaded in the meantime would lose the next refresh token, and with it the session. */
const ask = () => body(api.POST('/api/sessions/refresh', { keepalive: true }))
