/**
 * The access token, in memory alone. The refresh token is a cookie no script can read; every use changes it, so
 * tabs take turns by a lock and tell each other the new access token.
 */
import { api, body, useTokensOf, type Schemas } from '@/api/client'
import { isProblem } from '@/api/problem'

export type Opened = Schemas['OpenedByPerson']
type Message = { kind: 'opened'; opened: Opened } | { kind: 'closed' }

const LOCK = 'crmtenant.refresh'
/** Only whether somebody is signed in here, so that a first visit asks the server nothing in vain. */
const HINT = 'crmtenant.signed-in'
const EARLY_MS = 60_000
const AGAIN_MS = 100
const MOST_ATTEMPTS = 8

let token: string | null = null
let listener: (message: Message) => Promise<void> = () => Promise.resolve()
let timer: ReturnType<typeof setTimeout> | undefined
const channel = new BroadcastChannel('crmtenant.session')

channel.onmessage = (event: MessageEvent<Message>) => {
  const message = event.data
  if (message.kind === 'opened') keep(message.opened)
  else drop()
  void listener(message)
}

useTokensOf({ current: () => token, renewed: async (refused) => (await renew(refused))?.access_token ?? null })

export function isProbablySignedIn(): boolean {
  return localStorage.getItem(HINT) !== null
}

/** Nothing comes back; from now on `tell` hears what this tab and others do: signing in, out, switching. */
export function hearOfSession(tell: (message: Message) => Promise<void>): void {
  listener = tell
}

/** Nothing comes back; this tab and all others use the new token. */
export async function opened(session: Opened): Promise<void> {
  keep(session)
  channel.postMessage({ kind: 'opened', opened: session } satisfies Message)
  await listener({ kind: 'opened', opened: session })
}

/** Nothing comes back; nobody is signed in, in this tab and all others. */
export async function closed(): Promise<void> {
  drop()
  channel.postMessage({ kind: 'closed' } satisfies Message)
  await listener({ kind: 'closed' })
}

/** A fresh sign-in by the refresh cookie, or null when there is none any more. One tab asks, all hear. */
export async function renew(refused: string | null = null): Promise<Opened | null> {
  return navigator.locks.request(LOCK, async () => {
    if (refused !== null && token !== null && token !== refused) return last
    try {
      const session = await refreshed()
      await opened(session)
      return session
    } catch (error) {
      if (!isProblem(error, 401) && !isProblem(error, 403)) throw error
      await closed()
      return null
    }
  })
}

/**
 * The next sign-in of the cookie's. A page that is left takes its refresh along to the end (keepalive), so that the
 * browser has the new cookie; whoever asks meanwhile with the old one hears 409, and soon asks with the new one.
 */
async function refreshed(attempt = 1): Promise<Opened> {
  try {
    return await body(api.POST('/api/sessions/refresh', { keepalive: true }))
  } catch (error) {
    if (!isProblem(error, 409) || attempt >= MOST_ATTEMPTS) throw error
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * attempt))
    return refreshed(attempt + 1)
  }
}

let last: Opened | null = null

function keep(session: Opened): void {
  last = session
  token = session.access_token
  localStorage.setItem(HINT, '1')
  clearTimeout(timer)
  const wait = Math.max(5_000, session.expires_in * 1000 - EARLY_MS)
  const used = token
  timer = setTimeout(() => void renew(used).catch(() => undefined), wait)
}

function drop(): void {
  last = token = null
  localStorage.removeItem(HINT)
  clearTimeout(timer)
}
