/**
 * The access token, in memory alone. The refresh token is a cookie no script can read; every use changes it, so
 * tabs take turns by a lock and tell each other the new access token.
 *
 * A document is for one person in one company for as long as it lives: it never takes a token for another, so that
 * nothing begun for one company (a bulk change, an undo) can go on in the next.
 */
import { useTokensOf, type Schemas } from '@/api/client'
import { isProblem } from '@/api/problem'
import { askForSession } from './refreshing'

export type Opened = Schemas['OpenedByPerson']

/** What this tab or another has done. */
export interface SessionListener {
  entered: (session: Opened) => Promise<void>
  /** Another person, or another company: not for this document. */
  moved: () => Promise<void>
  left: (byChoice: boolean) => void
}
type Message = { kind: 'opened'; opened: Opened } | { kind: 'closed'; byChoice: boolean }

const LOCK = 'crmtenant.refresh'
/** Only whether somebody is signed in here, so that a first visit asks the server nothing in vain. */
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

useTokensOf({
  current: () => last?.access_token ?? null,
  // Whoever waits here may be what telling waits for, so it is not waited for.
  renewed: async (refused) => {
    const session = await renew(refused)
    if (session === null) return null
    tell(session)
    return last?.access_token ?? null
  },
})

export function isProbablySignedIn(): boolean {
  return localStorage.getItem(HINT) !== null
}

/** Nothing comes back; from now on `hears` is told what this tab and others do: signing in, out, switching. */
export function hearOfSession(hears: SessionListener): void {
  listener = hears
}

/** Nothing comes back; this tab and all others know the new token, and who is in has been told. */
export async function opened(session: Opened): Promise<void> {
  publish(session)
  await told(session)
}

/** Nothing comes back; nobody is signed in, in this tab and all others. */
export function closed(byChoice: boolean): void {
  channel.postMessage({ kind: 'closed', byChoice } satisfies Message)
  left(byChoice)
}

/** Who is signed in by the refresh cookie, told to whom it concerns; nothing where nobody is any more. */
export async function resumed(): Promise<void> {
  const session = await renew(null)
  if (session !== null) await told(session)
}

/** A fresh sign-in, or null when there is none any more. One tab asks, all hear; who waited takes what was heard. */
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
      closed(false)
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
  // Whatever goes wrong then is said where it matters: the next request is refused and asks again.
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

/** Nothing comes back; whoever could not be told who is in finds nobody signed in, and is asked to sign in. */
function tell(session: Opened): void {
  void told(session).catch(() => undefined)
}

function placeOf({ user, company }: Opened): string {
  return `${user.id} ${company.id}`
}
