/** Filters of a project's tasks on board and list, applied on the client because all tasks are loaded. */
import type { Task } from '@/api/types'
import { addressFilters, optional, person, priority, text } from '@/shared/addressFilters'
import { folded } from '@/shared/text'

export interface ShownTasks {
  q: string
  /** A person's id, `me`, `nobody`, or null for all. */
  assignee: string | null
  label: string | null
  priority: number | null
}

export const ADDRESS = addressFilters<ShownTasks>({ q: text(), assignee: person('me', 'nobody'), label: optional(), priority: priority() })
export const EVERYTHING = ADDRESS.defaults

export const isNarrowed = (shown: ShownTasks): boolean => ADDRESS.differs(shown, ['q', 'assignee', 'label', 'priority'])

/** Returns a predicate; `me` is the current person. Every word must occur in the title, the description or a label. */
export function matcher(shown: ShownTasks, me: string): (task: Task) => boolean {
  const words = folded(shown.q).split(/\s+/u).filter(Boolean)
  const person = shown.assignee === 'me' ? me : shown.assignee
  return (task) =>
    (person === null || (person === 'nobody' ? task.assignee_ids.length === 0 : task.assignee_ids.includes(person)))
    && (shown.label === null || task.labels.includes(shown.label))
    && (shown.priority === null || task.priority === shown.priority)
    && hasWords(task, words)
}

function hasWords(task: Task, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const text = folded(`${task.title} ${task.labels.join(' ')} ${task.description ?? ''}`)
  return words.every((word) => text.includes(word))
}

/** The labels of these tasks, most used first. */
export function labelsOf(tasks: readonly Task[]): string[] {
  const counts = new Map<string, number>()
  for (const task of tasks) for (const label of task.labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([label]) => label)
}
