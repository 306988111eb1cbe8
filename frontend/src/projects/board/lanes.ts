/** A board as it is drawn: a lane for each column, before them one for tasks without any. */
import type { Column, Task } from '@/api/types'

export const NEWEST_DONE = 50

export interface Lane {
  /** `0` stands for no column. */
  key: number
  column: Column | null
  /** The cards that are shown, in their order. */
  cards: Task[]
  /** How many tasks the column has in all, shown or not: what its limit counts. */
  total: number
  /** How many done cards are folded away. */
  folded: number
}

/** The lanes of the board. Done tasks beyond the newest are folded away, unless the lane is among the unfolded. */
export function lanesOf(
  columns: readonly Column[], tasks: readonly Task[], isShown: (task: Task) => boolean, unfolded: ReadonlySet<number>,
): Lane[] {
  const known = new Set(columns.map((column) => column.id))
  const byLane = new Map<number, Task[]>(columns.map((column) => [column.id, []]))
  const homeless: Task[] = []
  for (const task of tasks) {
    if (task.parent_id !== null) continue
    const home = task.column_id !== null && known.has(task.column_id) ? byLane.get(task.column_id) : homeless
    home?.push(task)
  }
  const lanes = columns.map((column) => laneOf(column, byLane.get(column.id) ?? [], isShown, unfolded))
  return homeless.length ? [laneOf(null, homeless, isShown, unfolded), ...lanes] : lanes
}

function laneOf(column: Column | null, tasks: readonly Task[], isShown: (task: Task) => boolean, unfolded: ReadonlySet<number>): Lane {
  const key = column?.id ?? 0
  const matching = tasks.filter(isShown)
  const cards = column?.is_done && !unfolded.has(key) ? newest(matching) : matching
  return { key, column, cards, total: tasks.length, folded: matching.length - cards.length }
}

/** The tasks that were completed last, in the order they came in. */
function newest(tasks: readonly Task[]): Task[] {
  if (tasks.length <= NEWEST_DONE) return [...tasks]
  const byCompletion = tasks.toSorted((a, b) => (b.completed_at ?? b.updated_at).localeCompare(a.completed_at ?? a.updated_at))
  const kept = new Set(byCompletion.slice(0, NEWEST_DONE))
  return tasks.filter((task) => kept.has(task))
}

export function isOverLimit(lane: Lane): boolean {
  const limit = lane.column?.task_limit ?? null
  return limit !== null && lane.total > limit
}
