/** What somebody has begun to write, kept on this device until it is sent: by company, person and place. */

const PREFIX = 'crmtenant.draft '
const DAY_MS = 86_400_000
const KEPT_DAYS = 30

interface Kept {
  at: number
  value: unknown
}

export function draftKey(companyId: string, personId: string, place: string): string {
  return `${PREFIX}${personId} ${companyId} ${place}`
}

/** Returns what was kept; null for nothing, and for what is too old or cannot be read. */
export function readDraft(key: string, now = Date.now()): object | null {
  const kept = keptAt(key)
  if (kept === null || now - kept.at > KEPT_DAYS * DAY_MS) return null
  return typeof kept.value === 'object' ? kept.value : null
}

/** Keeps the draft, or throws it away where there is none. A device without room for it is no reason to fail. */
export function writeDraft(key: string, value: object | null, now = Date.now()): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify({ at: now, value } satisfies Kept))
  } catch {
    // The text is still in the page.
  }
}

/** Forgets everything the person has begun to write, in every company. */
export function forgetDrafts(personId: string): void {
  const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '')
  keys.filter((key) => key.startsWith(`${PREFIX}${personId} `)).forEach((key) => localStorage.removeItem(key))
}

function keptAt(key: string): Kept | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return typeof kept === 'object' && kept !== null && typeof (kept as Kept).at === 'number' ? (kept as Kept) : null
  } catch {
    return null
  }
}
