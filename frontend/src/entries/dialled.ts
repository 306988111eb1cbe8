/** After a phone number was tapped and the call is over: who was called, and since when. Kept in this tab, for phones reload pages. */
import { useEventListener } from '@vueuse/core'
import { onMounted } from 'vue'
import { useSession } from '@/session/store'

const KEY = 'crmtenant.dialled'
const MINUTE_MS = 60_000
/** A call takes no longer; what comes later is no return from one. */
const LONGEST_MS = 120 * MINUTE_MS

export interface Dialled {
  /** The company and the person who called. */
  scope: string
  contactId: number
  at: number
}

export function rememberDialled(dialled: Dialled): void {
  sessionStorage.setItem(KEY, JSON.stringify(dialled))
}

/** The call to that contact which has just been made, once; null for none. */
export function takeDialled(scope: string, contactId: number, now = Date.now()): Dialled | null {
  const dialled = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Dialled | null
  if (dialled?.contactId !== contactId || dialled.scope !== scope) return null
  sessionStorage.removeItem(KEY)
  return now - dialled.at <= LONGEST_MS ? dialled : null
}

/** How long it took, at least a minute: ringing and looking for the page are no part of it, but nobody counts seconds. */
export const minutesSince = ({ at }: Dialled, now = Date.now()): number => Math.max(1, Math.round((now - at) / MINUTE_MS))

const scopeOf = (session: { companyId: string; userId: string }): string => `${session.companyId} ${session.userId}`

/** Remembers taps on phone numbers; for a click listener around them. */
export function useDialling(contactId: () => number) {
  const session = useSession()
  return (event: Event): void => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="tel:"]') : null
    if (link) rememberDialled({ scope: scopeOf(session), contactId: contactId(), at: Date.now() })
  }
}

/** Calls `then` when somebody comes back from a call to the contact. */
export function useReturnFromCall(contactId: () => number | null, then: (dialled: Dialled) => void): void {
  const session = useSession()
  function look(): void {
    const id = contactId()
    const dialled = id === null || document.visibilityState === 'hidden' ? null : takeDialled(scopeOf(session), id)
    if (dialled) then(dialled)
  }
  onMounted(look)
  useEventListener(document, 'visibilitychange', look)
  useEventListener(window, 'focus', look)
}
