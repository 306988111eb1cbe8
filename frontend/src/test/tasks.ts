import type { Task } from '@/api/types'

/** Returns a task with these values and defaults for the rest. */
export function aTask(values: Partial<Task> & { id: number }): Task {
  return {
    project_id: 1, parent_id: null, kind: 'todo', title: `Task ${values.id}`, description: null, status: 'open', column_id: null,
    position: values.id * 1024, priority: 0, assignee_ids: [], contact_id: null, start_on: null, due_on: null,
    due_at: null, estimate_minutes: null, labels: [], recurrence: null, completed_at: null,
    created_at: '2026-11-01T10:00:00Z', updated_at: '2026-11-01T10:00:00Z', created_by: 'u_a', updated_by: 'u_a',
    version: 1, ...values,
  }
}
