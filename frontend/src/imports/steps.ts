/** The steps of an import, and which of them can be gone to. */
import type { Import } from './useImport'

export const STEPS = ['file', 'columns', 'check', 'done'] as const
export type Step = (typeof STEPS)[number]

type Known = Pick<Import, 'file' | 'preview' | 'result'>

/** The last step that can be gone to with what there is. After the import there is no way back into it. */
export function reachable({ file, preview, result }: Known): readonly Step[] {
  if (result !== null) return ['done']
  return file !== null && preview !== null ? ['file', 'columns', 'check'] : ['file']
}

/** The step an address names, or the nearest that can be gone to. */
export function stepOf(asked: unknown, known: Known): Step {
  const steps = reachable(known)
  return steps.find((step) => step === asked) ?? (steps[0] as Step)
}
