/** Undoing big changes: where something has changed since, and so will stay, the person is asked first. */
import { useQueryClient } from '@tanstack/vue-query'
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { undoBatch, type UndoOutcome } from '@/api/batches'
import { currentScope } from '@/api/scope'
import { useNotices } from '@/shared/notices'

/** What an undo would do, until the person has decided; the dialog asks. */
export interface UndoQuestion {
  outcome: UndoOutcome
  decide: (isWanted: boolean) => void
}

export const undoQuestion = shallowRef<UndoQuestion | null>(null)

function isWanted(outcome: UndoOutcome): Promise<boolean> {
  undoQuestion.value?.decide(false)
  return new Promise((resolve) => {
    const decide = (answer: boolean): void => {
      undoQuestion.value = null
      resolve(answer)
    }
    undoQuestion.value = { outcome, decide }
  })
}

/** The outcomes of several batches as one. */
export function together(outcomes: readonly UndoOutcome[]): UndoOutcome {
  const sum = (count: (outcome: UndoOutcome) => number): number => outcomes.reduce((all, outcome) => all + count(outcome), 0)
  return {
    batch: outcomes.at(-1)?.batch ?? null,
    restored: sum(({ restored }) => restored),
    partly: sum(({ partly }) => partly),
    kept: outcomes.flatMap(({ kept }) => kept),
    kept_count: sum(({ kept_count }) => kept_count),
  }
}

export function useBatchUndo() {
  const queries = useQueryClient()
  const notices = useNotices()
  const { t } = useI18n()

  /** Undoes the batches, the last one first. Returns whether it was done; failures become notices. */
  async function undo(batches: readonly number[]): Promise<boolean> {
    const lastFirst = [...batches].reverse()
    try {
      const outcome = await inTurn(lastFirst, true)
      if (outcome.kept_count > 0 && !(await isWanted(outcome))) return false
      await inTurn(lastFirst, false)
      return true
    } catch (error) {
      notices.failed(error, t('changes.undo_failed'))
      return false
    } finally {
      // Any list may show rows that went along.
      void queries.invalidateQueries({ queryKey: [currentScope().companyId] })
    }
  }

  async function inTurn(batches: readonly number[], isDryRun: boolean): Promise<UndoOutcome> {
    const outcomes: UndoOutcome[] = []
    for (const batch of batches) outcomes.push(await undoBatch(batch, isDryRun))
    return together(outcomes)
  }

  return { undo }
}
