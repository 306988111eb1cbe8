import type { LocationQuery, RouteLocationNormalized, RouteLocationRaw } from 'vue-router'

/** Where to go after signing in: an address of this page that `next` names, or home. */
export function afterSignIn(query: LocationQuery): string {
  const next = String(query.next ?? '')
  return next.startsWith('/') && !next.startsWith('//') && !next.includes('\\') ? next : '/'
}

/** The short name of the company an address is in, where it names one, as the links in mails do; and the address without it. */
export function companyOf(to: RouteLocationNormalized): { slug: string; there: RouteLocationRaw } | null {
  const { company, ...query } = to.query
  return typeof company === 'string' ? { slug: company, there: { path: to.path, query, hash: to.hash, replace: true } } : null
}
