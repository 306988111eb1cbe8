/** The lanes of a board: one per column, preceded by one for tasks without a column. */
import type { Column, Task } from '@/api/types'

export const NEWEST_DONE = 50

export interface Lane {
  /** `0` stands for no column. */
  key: number
  column: Column | null
  /** The visible cards, in order. */
  cards: Task[]
  /** The number of tasks in the column, visible or not, which its limit counts. */
  total: number
  /** The number of collapsed done cards. */
  folded: number
}

/** Builds the lanes. Done tasks beyond the newest are collapsed unless the lane is expanded. */
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

/** The most recently completed tasks, in their original order. */
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
