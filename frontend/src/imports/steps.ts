/** The steps of an import, and which of them are reachable. */
import type { Import } from './useImport'

export const STEPS = ['file', 'columns', 'check', 'done'] as const
export type Step = (typeof STEPS)[number]

type Known = Pick<Import, 'file' | 'preview' | 'result'>

/** The last reachable step. After the import there is no going back. */
export function reachable({ file, preview, result }: Known): readonly Step[] {
  if (result !== null) return ['done']
  return file !== null && preview !== null ? ['file', 'columns', 'check'] : ['file']
}

/** The step an address names, or the nearest reachable one. */
export function stepOf(asked: unknown, known: Known): Step {
  const steps = reachable(known)
  return steps.find((step) => step === asked) ?? (steps[0] as Step)
}
