/** Which of a project's tasks are shown, on the board and in the list: all are here, so nobody is asked. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Task } from '@/api/types'

export interface ShownTasks {
  q: string
  /** A person's id, `me`, `nobody`, or null for all. */
  assignee: string | null
  label: string | null
  priority: number | null
}

export const EVERYTHING: ShownTasks = { q: '', assignee: null, label: null, priority: null }

export function readShown(query: LocationQuery): ShownTasks {
  const text = (name: string): string => (typeof query[name] === 'string' ? query[name] : '')
  return {
    q: text('q'),
    assignee: /^(me|nobody|u_[a-z2-7]{26})$/.test(text('assignee')) ? text('assignee') : null,
    label: text('label') || null,
    priority: /^[0-4]$/.test(text('priority')) ? Number(text('priority')) : null,
  }
}

export function writtenShown({ q, assignee, label, priority }: ShownTasks): LocationQueryRaw {
  return {
    q: q || undefined,
    assignee: assignee ?? undefined,
    label: label ?? undefined,
    priority: priority === null ? undefined : String(priority),
  }
}

export function isNarrowed(shown: ShownTasks): boolean {
  return shown.q !== '' || shown.assignee !== null || shown.label !== null || shown.priority !== null
}

/** A test of tasks; `me` is who looks. Every word must occur in the title, the description or a label. */
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

/** Small letters without accents, as the server's search folds them. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}

/** The labels in use here, the most used first. */
export function labelsOf(tasks: readonly Task[]): string[] {
  const counts = new Map<string, number>()
  for (const task of tasks) for (const label of task.labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([label]) => label)
}
