import type { Column } from '@/api/types'

/** Returns a column with these values and defaults for the rest. */
export function aColumn(values: Partial<Column> & { id: number }): Column {
  return {
    project_id: 1, name: `Column ${values.id}`, position: values.id * 1024, color: null, task_limit: null, is_done: false,
    created_at: '2026-11-01T10:00:00Z', updated_at: '2026-11-01T10:00:00Z', created_by: 'u_a', updated_by: 'u_a',
    version: 1, ...values,
  }
}
