import { here } from './where'

/** Nothing goes on: the document is loaded anew, so that nothing read, half done or undoable for one company meets another. */
export function beginAnew(where: string): Promise<never> {
  const isAtTheDoor = window.location.pathname === '/sign-in'
  if (isAtTheDoor) window.location.reload()
  else window.location.replace(here(where))
  return new Promise<never>(() => undefined)
}
