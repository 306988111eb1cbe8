import type { LocationQuery, RouteLocationNormalized, RouteLocationRaw } from 'vue-router'

/** The address if it belongs to this page, else home, which prevents open redirects. */
export function here(address: string): string {
  return address.startsWith('/') && !address.startsWith('//') && !address.includes('\\') ? address : '/'
}

/** The address named by `next`, if it belongs to this page, else home. */
export function afterSignIn(query: LocationQuery): string {
  return here(String(query.next ?? ''))
}

/** The slug of the company that an address names, as links in e-mails do, and the address without it. */
export function companyOf(to: RouteLocationNormalized): { slug: string; there: RouteLocationRaw } | null {
  const { company, ...query } = to.query
  return typeof company === 'string' ? { slug: company, there: { path: to.path, query, hash: to.hash, replace: true } } : null
}
