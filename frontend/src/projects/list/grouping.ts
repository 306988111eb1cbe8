/** Groups a project's tasks; each group has values for tasks added to it. */
import type { Column, Task, TaskDraft } from '@/api/types'
import { addDays } from '@/shared/format'
import { dueKey } from '@/tasks/grouping'

export const GROUPINGS = ['column', 'status', 'assignee', 'priority', 'due', 'label', 'none'] as const
export type ProjectGrouping = (typeof GROUPINGS)[number]

export interface Group {
  key: string
  tasks: Task[]
  defaults: Partial<TaskDraft>
}

export function readGrouping(text: unknown): ProjectGrouping {
  return GROUPINGS.find((known) => known === text) ?? 'column'
}

const DUES = ['overdue', 'earlier', 'today', 'tomorrow', 'week', 'later', 'none']
const NONE = 'none'

/**
 * The groups in order. Columns appear even when empty, other groups only when not. A task with several people or
 * labels appears in each of their groups.
 */
export function groupsOf(tasks: readonly Task[], by: ProjectGrouping, columns: readonly Column[], today: string, isResting = false): Group[] {
  const known = new Set(columns.map((column) => column.id))
  const keyed = new Map<string, Task[]>(by === 'column' ? columns.map((column) => [String(column.id), []]) : [])
  for (const task of tasks) {
    for (const key of keysOf(task, by, known, today, isResting)) {
      const group = keyed.get(key)
      if (group) group.push(task)
      else keyed.set(key, [task])
    }
  }
  if (by === 'none' && keyed.size === 0) keyed.set('all', [])
  const groups = [...keyed].map(([key, grouped]) => ({
    key,
    tasks: by === 'due' ? grouped.toSorted((a, b) => (a.due_on ?? '').localeCompare(b.due_on ?? '')) : grouped,
    defaults: defaultsIn(key, by, columns, today),
  }))
  return by === 'column' ? withNoneFirst(groups) : groups.sort((a, b) => rankOf(a, by) - rankOf(b, by) || byName(a, b, by))
}

function keysOf(task: Task, by: ProjectGrouping, columns: ReadonlySet<number>, today: string, isResting: boolean): string[] {
  if (by === 'column') return [task.column_id !== null && columns.has(task.column_id) ? String(task.column_id) : NONE]
  if (by === 'status') return [task.status]
  if (by === 'assignee') return task.assignee_ids.length ? task.assignee_ids : [NONE]
  if (by === 'priority') return [String(task.priority)]
  if (by === 'due') return [dueKey(task, today, isResting)]
  // A label may be called "none", so real labels are prefixed.
  if (by === 'label') return task.labels.length ? task.labels.map((label) => `#${label}`) : [NONE]
  return ['all']
}

function defaultsIn(key: string, by: ProjectGrouping, columns: readonly Column[], today: string): Partial<TaskDraft> {
  if (by === 'column') {
    const column = columns.find((one) => String(one.id) === key)
    return column ? { column_id: column.id, status: column.is_done ? 'done' : 'open' } : { column_id: null }
  }
  if (by === 'status') return { status: key === 'done' ? 'done' : 'open' }
  if (by === 'assignee') return key === NONE ? {} : { assignee_ids: [key] }
  if (by === 'priority') return { priority: Number(key) }
  if (by === 'due') return dueGiven(key, today)
  if (by === 'label') return key === NONE ? {} : { labels: [key.slice(1)] }
  return {}
}

/** A due date within the group; none for overdue. */
function dueGiven(key: string, today: string): Partial<TaskDraft> {
  const days: Record<string, number> = { today: 0, tomorrow: 1, week: 6, later: 14 }
  const distance = days[key]
  return distance === undefined ? {} : { due_on: addDays(today, distance) }
}

function rankOf(group: Group, by: ProjectGrouping): number {
  if (by === 'status') return group.key === 'open' ? 0 : 1
  if (by === 'priority') return -Number(group.key)
  if (by === 'due') return DUES.indexOf(group.key)
  return group.key === NONE ? 1 : 0
}

function byName(a: Group, b: Group, by: ProjectGrouping): number {
  return by === 'label' ? a.key.localeCompare(b.key) : 0
}

function withNoneFirst(groups: Group[]): Group[] {
  return groups.toSorted((a, b) => Number(b.key === NONE) - Number(a.key === NONE))
}

export type Row =
  | { kind: 'heading'; key: string; group: Group }
  | { kind: 'task'; key: string; task: Task }
  | { kind: 'add'; key: string; group: Group }

/** The groups as rows; a collapsed group is only its heading. */
export function rowsOf(groups: readonly Group[], by: ProjectGrouping, folded: ReadonlySet<string>, mayAdd: boolean): Row[] {
  return groups.flatMap((group): Row[] => [
    ...(by === 'none' ? [] : [{ kind: 'heading' as const, key: `h ${group.key}`, group }]),
    ...(folded.has(group.key) ? [] : group.tasks.map((task) => ({ kind: 'task' as const, key: `${group.key} ${task.id}`, task }))),
    ...(mayAdd && !folded.has(group.key) ? [{ kind: 'add' as const, key: `a ${group.key}`, group }] : []),
  ])
}
