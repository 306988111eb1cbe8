/** Creates, changes, moves and removes columns. */
import { useI18n } from 'vue-i18n'
import type { Column, Task } from '@/api/types'
import { useNotices } from '@/shared/notices'
import { useRecords } from '@/shared/records/changing'
import { tasks } from '@/tasks/api'
import { columns as columnsApi } from '../columns'
import type { ProjectTasks } from '../useProjectTasks'
import type { ColumnValues } from './ColumnDialog.vue'
import { positionBetween, withCardAt } from './moves'

export function useColumnEditing(projectId: () => number, { all, columns }: Pick<ProjectTasks, 'all' | 'columns'>) {
  const { t } = useI18n()
  const notices = useNotices()
  const records = useRecords(columnsApi)
  const taskRecords = useRecords(tasks)

  /** Adds a column to the right of this one, or at the end. The form shows refusals. */
  async function add(values: ColumnValues, rightOf: Column | null): Promise<void> {
    const index = rightOf ? columns.value.findIndex((column) => column.id === rightOf.id) : columns.value.length - 1
    const position = positionBetween(columns.value[index]?.position, columns.value[index + 1]?.position)
    await records.create({ project_id: projectId(), ...values, position })
  }

  const change = (column: Column, patch: Partial<ColumnValues>): Promise<boolean> => records.change(column, patch)

  /** Moves the column to that index. */
  async function placeAt(column: Column, index: number): Promise<void> {
    const order = withCardAt(columns.value, column, index)
    const at = order.indexOf(column)
    if (columns.value[at]?.id === column.id) return
    const position = positionBetween(order[at - 1]?.position, order[at + 1]?.position)
    try {
      if (position !== null) await records.change(column, { position })
      else await records.changeMany(order, (one) => ({ position: (order.indexOf(one) + 1) * 1024 }), t('projects.columns_ordered'))
    } catch (problem) {
      notices.failed(problem)
    }
  }

  const tasksOf = (column: Column): Task[] => all.value.filter((task) => task.column_id === column.id)

  /** Moves the column to the trash and its tasks to the other column. */
  async function remove(column: Column, target: Column | null): Promise<void> {
    const left = tasksOf(column)
    if (left.length && target) {
      const isMoved = await taskRecords.changeMany(left, () => ({ column_id: target.id }), t('projects.cards_moved', { n: left.length, name: target.name }, left.length))
      if (!isMoved) return
    }
    await records.remove([column], t('projects.column_removed', { name: column.name }))
  }

  return { add, change, placeAt, tasksOf, remove }
}
