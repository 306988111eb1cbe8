/** What a cell of the list changes; anything refused that has no field of its own is told as a notice. */
import { useI18n } from 'vue-i18n'
import type { Task, TaskPatch } from '@/api/types'
import { useFormat } from '@/shared/format'
import { useNotices } from '@/shared/notices'
import { useTaskActions } from '@/tasks/useTaskActions'

export function useRowChanges() {
  const { t } = useI18n()
  const format = useFormat()
  const notices = useNotices()
  const actions = useTaskActions()

  async function change(task: Task, patch: TaskPatch): Promise<void> {
    try {
      await actions.change(task, patch)
    } catch (problem) {
      notices.failed(problem)
    }
  }

  return {
    rename: (task: Task, title: string): Promise<boolean> => actions.change(task, { title }),
    setPriority: (task: Task, priority: number): Promise<void> => change(task, { priority }),
    assign: (task: Task, ids: string[]): Promise<void> => change(task, { assignee_ids: ids }),
    toColumn: (task: Task, columnId: number | null): Promise<boolean> => actions.moveToColumn(task, columnId),
    /** A task that started later than its new day would be refused: it starts with it. */
    setDue: (task: Task, day: string | null): Promise<boolean> =>
      actions.reschedule(
        task,
        day !== null && task.start_on !== null && task.start_on > day ? { start_on: day, due_on: day } : { due_on: day },
        day ? t('tasks.rescheduled', { day: format.nearDay(day) }) : t('tasks.unscheduled'),
      ),
    async toggle(task: Task): Promise<void> {
      await actions.toggle(task)
    },
  }
}

export type RowChanges = ReturnType<typeof useRowChanges>
