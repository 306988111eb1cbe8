import { here } from './addresses'

/** Reloads the document, so that no data, pending change or undo of one company meets another. Never resolves. */
export function reloadAt(where: string): Promise<never> {
  const isSignInPage = window.location.pathname === '/sign-in'
  if (isSignInPage) window.location.reload()
  else window.location.replace(here(where))
  return new Promise<never>(() => undefined)
}
