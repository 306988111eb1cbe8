/** What is done to tasks anywhere on the page: completed, reopened, moved, thrown away. */
import { useI18n } from 'vue-i18n'
import type { Task } from '@/api/types'
import { useRecords } from '@/shared/records/changing'
import { taskActions, tasks } from './api'

export function useTaskActions() {
  const { t } = useI18n()
  const records = useRecords(tasks)

  const complete = (task: Task): Promise<boolean> =>
    records.act(task, { status: 'done' }, () => taskActions.complete(task.id), {
      done: t('tasks.completed'),
      undo: () => reopen(task),
    })

  const reopen = (task: Task): Promise<boolean> =>
    records.act(task, { status: 'open' }, () => taskActions.reopen(task.id), { done: t('tasks.reopened') })

  const toggle = (task: Task): Promise<boolean> => (task.status === 'open' ? complete(task) : reopen(task))

  const remove = (removed: readonly Task[]): Promise<void> => records.remove(removed, t('tasks.removed', removed.length))

  return { ...records, complete, reopen, toggle, remove }
}
