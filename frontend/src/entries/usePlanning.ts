/** Makes the next step of a record from a line such as `Send quote, Fri`. */
import { useI18n } from 'vue-i18n'
import type { Task, TaskDraft } from '@/api/types'
import { useSession } from '@/session/store'
import { isMonthFirst, type Reading } from '@/shared/dates/parse'
import { useFormat } from '@/shared/format'
import { useRecords } from '@/shared/records/changing'
import { tasks } from '@/tasks/api'
import { parseStep, type Step } from '@/tasks/step'

/** What the step belongs to. */
export type StepPlace = Pick<TaskDraft, 'contact_id' | 'project_id' | 'parent_id'>

export function usePlanning() {
  const { t, locale } = useI18n()
  const session = useSession()
  const format = useFormat()
  const { create, remove } = useRecords(tasks)

  const reading = (): Reading => ({ today: format.today(), isMonthFirst: isMonthFirst(format.locale()), languages: [locale.value, 'en', 'de'] })
  const read = (line: string): Step => parseStep(line, reading())

  /** Returns the task. Throws `ApiProblem`. */
  const plan = (line: string, place: StepPlace): Promise<Task> => create({ ...place, ...read(line), assignee_ids: session.selfIds })
  const takeBack = (task: Task): Promise<void> => remove([task], t('tasks.removed', 1))
  /** The task in a few words. */
  const said = (task: Pick<Task, 'title' | 'due_on'>): string => (task.due_on ? `${task.title}, ${format.nearDay(task.due_on)}` : task.title)

  return { read, plan, takeBack, said }
}
