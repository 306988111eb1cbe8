/** A person's tasks by when they are due. */
import type { Task } from '@/api/types'
import { addDays } from '@/shared/format'

export const GROUPS = ['overdue', 'today', 'soon', 'later', 'undated'] as const
export type Group = (typeof GROUPS)[number]

type Due = Pick<Task, 'id' | 'due_on' | 'priority'>

/** The number of days that count as soon. */
const SOON_DAYS = 7

export function groupOf(dueOn: string | null, today: string): Group {
  if (dueOn === null) return 'undated'
  if (dueOn < today) return 'overdue'
  if (dueOn === today) return 'today'
  return dueOn <= addDays(today, SOON_DAYS) ? 'soon' : 'later'
}

/** The non-empty groups, most urgent first; within each by date, then by priority. */
export function grouped<Item extends Due>(tasks: readonly Item[], today: string): { group: Group; tasks: Item[] }[] {
  const sorted = [...tasks].sort(
    (a, b) => (a.due_on ?? '').localeCompare(b.due_on ?? '') || b.priority - a.priority || a.id - b.id,
  )
  return GROUPS.map((group) => ({ group, tasks: sorted.filter((task) => groupOf(task.due_on, today) === group) })).filter(
    (entry) => entry.tasks.length > 0,
  )
}

/** The greeting at this hour. */
export function partOfDay(hour: number): 'morning' | 'day' | 'evening' {
  if (hour < 5 || hour >= 18) return 'evening'
  return hour < 12 ? 'morning' : 'day'
}
