import type { LocationQuery } from 'vue-router'

/** Where to go after signing in: an address of this page that `next` names, or home. */
export function afterSignIn(query: LocationQuery): string {
  const next = String(query.next ?? '')
  return next.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : '/'
}
