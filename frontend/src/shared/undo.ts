/**
 * What one did on the page, newest last, to be taken back: by the notice that says it, or by Ctrl+Z. One list a tab,
 * of one company.
 */
import { currentScope } from '@/api/scope'

/** Takes an act back. Returns false when it could not and has said why. */
export type TakeBack = () => Promise<unknown>

export interface Act {
  /** What was done, to be said when it is taken back. */
  title: string
  companyId: string
  takeBack: TakeBack
}

const MOST = 20
let acts: Act[] = []
/** What is done meanwhile is the taking back itself, and no act of its own. */
let takingBack = 0
let running: Promise<unknown> = Promise.resolve()

export function remember(title: string, takeBack: TakeBack): Act {
  const act = { title, companyId: currentScope().companyId, takeBack }
  if (takingBack === 0) acts = [...acts, act].slice(-MOST)
  return act
}

/** Takes the act back. Returns whether it could be; what fails is not tried again. */
export async function undo(act: Act): Promise<boolean> {
  if (act.companyId !== currentScope().companyId) return false
  acts = acts.filter((other) => other !== act)
  takingBack += 1
  try {
    return (await act.takeBack()) !== false
  } finally {
    takingBack -= 1
  }
}

/** Takes the last act back, one at a time. Returns it, or null where there was none; `isDone` says whether it could be. */
export function undoLast(): Promise<{ act: Act; isDone: boolean } | null> {
  const next = running.then(async () => {
    const act = acts.findLast(({ companyId }) => companyId === currentScope().companyId)
    return act ? { act, isDone: await undo(act) } : null
  })
  running = next.catch(() => undefined)
  return next
}

export function forgetActs(): void {
  acts = []
}
