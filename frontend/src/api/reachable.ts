/** Whether the server can be reached; `navigator.onLine` alone knows only of the network card. */

const ASK_AGAIN_MS = 3_000

export async function isReachable(): Promise<boolean> {
  if (!navigator.onLine) return false
  try {
    return (await fetch('/api/health', { cache: 'no-store' })).ok
  } catch {
    return false
  }
}

/** Resolves once the server answers; asks at intervals, and at once when the browser is online again. */
export async function untilReachable(): Promise<void> {
  do await onlineOr(ASK_AGAIN_MS)
  while (!(await isReachable()))
}

function onlineOr(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      window.removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    window.addEventListener('online', done)
  })
}

/** Whether the server has another build of the page than this one, whose parts may be gone. */
export async function isOutdated(): Promise<boolean> {
  const script = document.querySelector('script[type=module][src]')?.getAttribute('src')
  if (!script) return false
  const answer = await fetch('/', { cache: 'no-store' })
  return answer.ok && !(await answer.text()).includes(script)
}
