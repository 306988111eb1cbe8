import { here } from './where'

/** Reloads the document, so that no data, pending change or undo of one company meets another. Never resolves. */
export function beginAnew(where: string): Promise<never> {
  const isAtTheDoor = window.location.pathname === '/sign-in'
  if (isAtTheDoor) window.location.reload()
  else window.location.replace(here(where))
  return new Promise<never>(() => undefined)
}
