/**
 * The access token, kept in memory. The refresh token is a cookie that scripts cannot read; every use rotates it, so
 * tabs take turns by a lock and share the new access token.
 *
 * A document belongs to one person in one company for its lifetime: it never accepts a token for another, so that
 * nothing begun in one company (a bulk change, an undo) continues in the next.
 */
import { provideTokens, type Schemas } from '@/api/client'
import { isProblem } from '@/api/problem'
import { askForSession } from './refreshing'

export type Opened = Schemas['OpenedByPerson']

/** Events of this tab or another. */
export interface SessionListener {
  entered: (session: Opened) => Promise<void>
  /** Another person or company: not for this document. */
  moved: () => Promise<void>
  left: (byChoice: boolean) => void
}
type Message = { kind: 'opened'; opened: Opened } | { kind: 'closed'; byChoice: boolean }

const LOCK = 'crmtenant.refresh'
/** Marks that somebody is signed in here, so that a first visit makes no needless request. */
const HINT = 'crmtenant.signed-in'
const EARLY_MS = 60_000
const SOONEST_MS = 5_000

let last: Opened | null = null
let whose: string | null = null
let listener: SessionListener | null = null
let timer: ReturnType<typeof setTimeout> | undefined
const channel = new BroadcastChannel('crmtenant.session')

channel.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.kind === 'closed') return left(data.byChoice)
  keep(data.opened)
  tell(data.opened)
}

provideTokens({
  current: () => last?.access_token ?? null,
  // Not awaited: a listener may itself wait for the caller.
  renewed: async (refused) => {
    const session = await renew(refused)
    if (session === null) return null
    tell(session)
    return last?.access_token ?? null
  },
})

export function mayBeSignedIn(): boolean {
  return localStorage.getItem(HINT) !== null
}

/** Subscribes `hears` to sign-ins, sign-outs and switches in all tabs. */
export function subscribeToSession(hears: SessionListener): void {
  listener = hears
}

/** Stores the new token in all tabs and notifies listeners. */
export async function openSession(session: Opened): Promise<void> {
  publish(session)
  await told(session)
}

/** Signs out all tabs. */
export function closeSession(byChoice: boolean): void {
  channel.postMessage({ kind: 'closed', byChoice } satisfies Message)
  left(byChoice)
}

/** Resumes the session of the refresh cookie and notifies listeners; does nothing where there is none. */
export async function resumeSession(): Promise<void> {
  const session = await renew(null)
  if (session !== null) await told(session)
}

/** Returns a fresh session, or null where there is none. One tab requests it, the others receive it. */
async function renew(refused: string | null): Promise<Opened | null> {
  const known = refused ?? last?.access_token ?? null
  return await navigator.locks.request(LOCK, async () => {
    if (refused !== null && last === null) return null
    if (last !== null && last.access_token !== known) return last
    try {
      const session = await askForSession()
      publish(session)
      return session
    } catch (error) {
      if (!isProblem(error, 401) && !isProblem(error, 403)) throw error
      closeSession(false)
      return null
    }
  })
}

function publish(session: Opened): void {
  keep(session)
  channel.postMessage({ kind: 'opened', opened: session } satisfies Message)
}

function keep(session: Opened): void {
  localStorage.setItem(HINT, '1')
  clearTimeout(timer)
  whose ??= placeOf(session)
  last = placeOf(session) === whose ? session : null
  if (last === null) return
  const used = last.access_token
  const wait = Math.max(SOONEST_MS, session.expires_in * 1000 - EARLY_MS)
  // Errors surface where they matter: the next request is refused and asks again.
  timer = setTimeout(() => void renew(used).then((next) => next && tell(next), () => undefined), wait)
}

function left(byChoice: boolean): void {
  last = null
  localStorage.removeItem(HINT)
  clearTimeout(timer)
  listener?.left(byChoice)
}

async function told(session: Opened): Promise<void> {
  await (placeOf(session) === whose ? listener?.entered(session) : listener?.moved())
}

/** Notifies listeners; where that fails nobody is signed in, and the sign-in page is shown. */
function tell(session: Opened): void {
  void told(session).catch(() => undefined)
}

function placeOf({ user, company }: Opened): string {
  return `${user.id} ${company.id}`
}
