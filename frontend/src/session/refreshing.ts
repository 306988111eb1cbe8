/** Asking for the next access token by the refresh cookie. */
import { api, body, type Schemas } from '@/api/client'
import { isProblem } from '@/api/problem'

/** While the answer to a document that is gone is on its way, its cookie is not there yet. In all, less than the server's grace. */
const PAUSES_MS = [150, 300, 600, 1_200]

/** A sign-in with its next access token; `ApiProblem` 401 or 403 when there is none any more. */
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

/** `keepalive`: a page that is reloaded meanwhile would lose the next refresh token, and with it the sign-in. */
const ask = () => body(api.POST('/api/sessions/refresh', { keepalive: true }))
