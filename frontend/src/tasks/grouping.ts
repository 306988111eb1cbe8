/** Groups tasks. */
import type { Task } from '@/api/types'
import { daysBetween } from '@/shared/format'
import type { Grouping } from './filters'

export interface TaskGroup {
  key: string
  tasks: Task[]
}

const DUE_ORDER = ['overdue', 'earlier', 'today', 'tomorrow', 'week', 'later', 'none']

/** Whether a task rests with its project; nothing that rests is overdue. */
export type Rests = (task: Pick<Task, 'project_id'>) => boolean
const nothing: Rests = () => false

/** The due-date group of a task. */
export function dueKey(task: Pick<Task, 'due_on' | 'status'>, today: string, isResting = false): string {
  if (task.due_on === null) return 'none'
  const days = daysBetween(today, task.due_on)
  if (days < 0) return task.status === 'open' && !isResting ? 'overdue' : 'earlier'
  if (days <= 1) return days === 0 ? 'today' : 'tomorrow'
  return days < 7 ? 'week' : 'later'
}

/**
 * The non-empty groups in order: by date, by priority descending, projects and people as they occur, none last.
 * A task with several assignees appears in each of their groups.
 */
export function groupsOf(tasks: readonly Task[], by: Grouping, today: string, rests = nothing): TaskGroup[] {
  const groups = new Map<string, Task[]>()
  for (const task of tasks) {
    for (const key of keysOf(task, by, today, rests)) {
      const group = groups.get(key)
      if (group) group.push(task)
      else groups.set(key, [task])
    }
  }
  const found = [...groups].map(([key, grouped]) => ({ key, tasks: grouped }))
  return found.sort((a, b) => rank(a.key, by) - rank(b.key, by))
}

function keysOf(task: Task, by: Grouping, today: string, rests: Rests): string[] {
  if (by === 'due') return [dueKey(task, today, rests(task))]
  if (by === 'project') return [task.project_id === null ? 'none' : String(task.project_id)]
  if (by === 'priority') return [String(task.priority)]
  if (by === 'assignee') return task.assignee_ids.length ? task.assignee_ids : ['none']
  return ['all']
}

function rank(key: string, by: Grouping): number {
  if (by === 'due') return DUE_ORDER.indexOf(key)
  if (by === 'priority') return -Number(key)
  return key === 'none' ? 1 : 0
}
