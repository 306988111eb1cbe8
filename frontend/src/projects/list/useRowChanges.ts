/** Saves the cells of the list; refusals without a field of their own become notices. */
import type { Task, TaskPatch } from '@/api/types'
import { useNotices } from '@/shared/notices'
import { useTaskActions } from '@/tasks/useTaskActions'

export function useRowChanges() {
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
    setDue: actions.setDue,
    async toggle(task: Task): Promise<void> {
      await actions.toggle(task)
    },
  }
}

export type RowChanges = ReturnType<typeof useRowChanges>
