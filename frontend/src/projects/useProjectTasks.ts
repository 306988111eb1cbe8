/** All columns and tasks of a project's board, in order. */
import { computed, type MaybeRefOrGetter, toValue } from 'vue'
import type { Column, Task } from '@/api/types'
import { useList } from '@/shared/records/reading'
import { tasks } from '@/tasks/api'
import { byPosition } from './board/moves'
import { columns } from './columns'

export const MOST_TASKS = 1_000

export interface SubtaskCount {
  done: number
  total: number
}

export function useProjectTasks(projectId: MaybeRefOrGetter<number>) {
  const taskList = useList(tasks, () => ({ project_id: toValue(projectId), sort: 'position' as const, limit: MOST_TASKS, count: true }))
  const columnList = useList(columns, () => ({ project_id: toValue(projectId), sort: 'position' as const, limit: 200 }))

  const all = computed<Task[]>(() => (taskList.data.value?.items ?? []).toSorted(byPosition))
  const board = computed<Column[]>(() => (columnList.data.value?.items ?? []).toSorted(byPosition))
  /** The number of tasks beyond those shown. */
  const left = computed(() => Math.max(0, (taskList.data.value?.total ?? 0) - all.value.length))
  const subtasks = computed(() => {
    const counts = new Map<number, SubtaskCount>()
    for (const task of all.value) {
      if (task.parent_id === null) continue
      const count = counts.get(task.parent_id) ?? { done: 0, total: 0 }
      counts.set(task.parent_id, { done: count.done + (task.status === 'done' ? 1 : 0), total: count.total + 1 })
    }
    return counts
  })
  const byId = computed(() => new Map(all.value.map((task) => [task.id, task])))

  const isPending = computed(() => taskList.isPending.value || columnList.isPending.value)
  const error = computed(() => (taskList.data.value && columnList.data.value ? null : (taskList.error.value ?? columnList.error.value)))
  async function retry(): Promise<void> {
    await Promise.all([taskList.refetch(), columnList.refetch()])
  }

  return { all, byId, columns: board, left, subtasks, isPending, error, retry }
}

export type ProjectTasks = ReturnType<typeof useProjectTasks>
