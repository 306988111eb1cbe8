/** Changes that met a newer version; the dialog asks about them one by one. */
import { shallowRef } from 'vue'

export interface Conflict {
  /** The conflicting fields, with both values. */
  fields: { name: string; mine: unknown; theirs: unknown }[]
  changedBy: string | null
  changedAt: string | null
  decide: (choice: 'mine' | 'theirs') => void
}

export const currentConflict = shallowRef<Conflict | null>(null)

/** Asks the person which version to keep. */
export function askWhichVersion(patch: object, current: object): Promise<'mine' | 'theirs'> {
  const theirs = current as Record<string, unknown>
  return new Promise((resolve) => {
    currentConflict.value = {
      fields: Object.entries(patch).map(([name, mine]) => ({ name, mine, theirs: theirs[name] })),
      changedBy: text(theirs.updated_by),
      changedAt: text(theirs.updated_at),
      decide: (choice) => {
        currentConflict.value = null
        resolve(choice)
      },
    }
  })
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
