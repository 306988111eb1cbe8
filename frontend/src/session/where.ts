import type { LocationQuery, RouteLocationNormalized, RouteLocationRaw } from 'vue-router'

/** The address, if it is one of this page, or home: nobody is sent elsewhere by an address they were given. */
export function here(address: string): string {
  return address.startsWith('/') && !address.startsWith('//') && !address.includes('\\') ? address : '/'
}

/** Where to go after signing in: an address of this page that `next` names, or home. */
export function afterSignIn(query: LocationQuery): string {
  return here(String(query.next ?? ''))
}

/** The short name of the company an address is in, where it names one, as the links in mails do; and the address without it. */
export function companyOf(to: RouteLocationNormalized): { slug: string; there: RouteLocationRaw } | null {
  const { company, ...query } = to.query
  return typeof company === 'string' ? { slug: company, there: { path: to.path, query, hash: to.hash, replace: true } } : null
}
