/** The rows of the timeline: columns with their tasks, or tasks with their subtasks. */
import type { Column, Task } from '@/api/types'
import { spanOf } from './lanes'

export type Row =
  | { kind: 'heading'; key: string; title: string; count: number }
  | { kind: 'task'; key: string; task: Task; depth: number }

/** Sorts by start, then as on the board. */
function inOrder(a: Task, b: Task): number {
  const [from, other] = [spanOf(a)?.from ?? '', spanOf(b)?.from ?? '']
  if (from !== other) return from < other ? -1 : 1
  return a.position - b.position || a.id - b.id
}

export function rowsByColumn(tasks: readonly Task[], columns: readonly Column[], noColumn: string): Row[] {
  const known = new Set(columns.map((column) => column.id))
  const homeless = tasks.filter((task) => task.column_id === null || !known.has(task.column_id))
  const groups = columns.map((column) => ({ key: String(column.id), title: column.name, tasks: tasks.filter((task) => task.column_id === column.id) }))
  if (homeless.length) groups.push({ key: 'none', title: noColumn, tasks: homeless })
  return groups.filter((group) => group.tasks.length).flatMap((group) => [
    { kind: 'heading' as const, key: `h-${group.key}`, title: group.title, count: group.tasks.length },
    ...[...group.tasks].sort(inOrder).map((task) => ({ kind: 'task' as const, key: String(task.id), task, depth: 0 })),
  ])
}

/** Every task once, below its parent; a task whose parent is missing is on the top level. */
export function rowsByParent(tasks: readonly Task[]): Row[] {
  const ids = new Set(tasks.map((task) => task.id))
  const below = new Map<number | null, Task[]>()
  for (const task of [...tasks].sort(inOrder)) {
    const parent = task.parent_id !== null && ids.has(task.parent_id) ? task.parent_id : null
    below.set(parent, [...(below.get(parent) ?? []), task])
  }
  const walk = (parent: number | null, depth: number): Row[] =>
    (below.get(parent) ?? []).flatMap((task) => [{ kind: 'task' as const, key: String(task.id), task, depth }, ...walk(task.id, depth + 1)])
  return walk(null, 0)
}
