/** Writes an entry and, where there is one, its next step, and says so with an undo for both. */
import { useI18n } from 'vue-i18n'
import type { Entry, Task } from '@/api/types'
import { useNotices } from '@/shared/notices'
import { useRecords } from '@/shared/records/changing'
import { entries, type Subject } from './api'
import { useNaming } from './useNaming'
import { usePlanning, type StepPlace } from './usePlanning'
import { draftOf, type Writing } from './writing'

export function useLogging() {
  const { t } = useI18n()
  const notices = useNotices()
  const records = useRecords(entries)
  const { kept } = useNaming()
  const planning = usePlanning()

  /** Returns what of the next step could not be written: the entry is there all the same. Throws `ApiProblem` without one. */
  async function log(writing: Writing, subject: Subject, id: number, place: StepPlace): Promise<string> {
    const entry = await records.create(draftOf(writing, kept(writing.text), subject, id))
    const line = writing.next.trim()
    if (line === '') {
      say(entry, null)
      return ''
    }
    try {
      say(entry, await planning.plan(line, place))
      return ''
    } catch (problem) {
      notices.failed(problem, t('entries.step_failed', { step: line }))
      return line
    }
  }

  function say(entry: Entry, task: Task | null): void {
    const saved = t(`entries.saved_${entry.kind}`)
    notices.done(task ? t('entries.saved_with_step', { saved, step: planning.said(task) }) : saved, async () => {
      await records.remove([entry], t('entries.removed'))
      if (task) await planning.takeBack(task)
    })
  }

  return { log }
}
