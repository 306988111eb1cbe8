/** Actions on tasks: completing, reopening, moving, duplicating, trashing. */
import { useI18n } from 'vue-i18n'
import { isProblem } from '@/api/problem'
import type { Task, TaskDraft } from '@/api/types'
import { askedAbout, askHowItWent } from '@/entries/asking'
import { useFormat } from '@/shared/format'
import { useNotices } from '@/shared/notices'
import { useRecords } from '@/shared/records/changing'
import { taskActions, tasks, type Completed } from './api'

/** So many missed dates are named; more are counted. */
const MISSED_NAMED = 3

export function useTaskActions() {
  const { t } = useI18n()
  const format = useFormat()
  const notices = useNotices()
  const records = useRecords(tasks)

  async function complete(task: Task): Promise<boolean> {
    let completed: Completed | null = null
    const isDone = await records.act(task, { status: 'done' }, async () => (completed = await taskActions.complete(task.id)))
    if (completed === null) return isDone
    const answer: Completed = completed
    notices.done(whatWasDone(answer), () => putBack(answer, task))
    askHowItWent(task)
    if (task.recurrence || answer.completed_subtasks > 0) await records.refresh()
    return isDone
  }

  /** Says that the task is done, and what came with it: subtasks, the next occurrence, missed dates. */
  function whatWasDone({ completed_subtasks, next_occurrence, missed, missed_count }: Completed): string {
    const next = next_occurrence?.due_on ?? next_occurrence?.start_on
    const days = missed.map((day) => format.day(day)).join(', ')
    return [
      completed_subtasks > 0 ? t('tasks.completed_with', completed_subtasks) : t('tasks.completed'),
      next ? t('tasks.next_on', { day: format.nearDay(next) }) : '',
      missed_count > MISSED_NAMED ? t('tasks.missed_count', missed_count) : missed_count > 0 ? t('tasks.missed', { days }) : '',
    ].filter(Boolean).join('. ')
  }

  /** Reopens the task in the column it was in, not just any open one; the server takes back what completing it did. */
  async function putBack(completed: Completed, before: Task): Promise<boolean> {
    if (askedAbout.value?.id === before.id) askedAbout.value = null
    try {
      const isBack = await records.change(completed, { status: 'open', column_id: before.column_id })
      await records.refresh()
      return isBack
    } catch (problem) {
      notices.failed(problem)
      return false
    }
  }

  async function reopen(task: Task): Promise<boolean> {
    const isOpen = await records.act(task, { status: 'open' }, () => taskActions.reopen(task.id), { done: t('tasks.reopened'), undo: () => completeAgain(task) })
    // Subtasks, what is above, and the next occurrence may have changed with it.
    await records.refresh()
    return isOpen
  }

  async function completeAgain(task: Task): Promise<void> {
    await taskActions.complete(task.id)
    await records.refresh()
  }

  const toggle = (task: Task): Promise<boolean> => (task.status === 'open' ? complete(task) : reopen(task))

  const remove = (removed: readonly Task[]): Promise<void> => records.remove(removed, t('tasks.removed', removed.length))

  /** Returns whether the task was moved; it loses its column and parent. */
  const moveToProject = (task: Task, projectId: number | null): Promise<boolean> => {
    const { project_id, column_id, parent_id } = task
    let moved = task
    const move = async (): Promise<Task> => (moved = await taskActions.move(task.id, { project_id: projectId }))
    const undo = () => records.change(moved, { project_id, column_id, parent_id })
    return records.act(task, { project_id: projectId, column_id: null, parent_id: null }, move, { done: t('tasks.moved'), undo })
  }

  const moveToColumn = (task: Task, columnId: number | null): Promise<boolean> =>
    columnId === null
      ? records.change(task, { column_id: null })
      : records.act(task, { column_id: columnId }, () => taskActions.move(task.id, { column_id: columnId }), { undo: () => moveToColumn(task, task.column_id) })

  /** Returns whether the task was rescheduled. Shows a notice with an undo, or the refusal. */
  async function reschedule(task: Task, patch: { start_on?: string | null; due_on?: string | null }, done: string): Promise<boolean> {
    try {
      return await records.change(task, patch, { done })
    } catch (problem) {
      notices.failed(problem)
      return false
    }
  }

  const setDue = (task: Task, day: string | null): Promise<boolean> =>
    reschedule(task, dueOn(task, day), day ? t('tasks.rescheduled', { day: format.nearDay(day) }) : t('tasks.unscheduled'))

  /** Returns an open copy of the task; null when it could not be created. */
  async function duplicate(task: Task): Promise<Task | null> {
    try {
      return await records.create(copyOf(task, t('tasks.copy_of', { title: task.title })), { done: t('tasks.duplicated') })
    } catch (problem) {
      if (!isProblem(problem)) throw problem
      notices.failed(problem)
      return null
    }
  }

  return { ...records, complete, reopen, toggle, remove, moveToProject, moveToColumn, reschedule, setDue, duplicate }
}

/** A start after the new due date would be refused, so the start moves too. */
export function dueOn(task: Task, day: string | null): { start_on?: string; due_on: string | null } {
  const startsLater = day !== null && task.start_on !== null && task.start_on > day
  return startsLater ? { start_on: day, due_on: day } : { due_on: day }
}

function copyOf(task: Task, title: string): TaskDraft {
  const { project_id, parent_id, kind, description, priority, assignee_ids, contact_id } = task
  const { start_on, due_on, due_at, estimate_minutes, labels, recurrence } = task
  const dues = due_at ? { due_on, due_at } : { due_on }
  return {
    title: title.slice(0, 500), project_id, parent_id, kind, description, priority, assignee_ids, contact_id,
    start_on, ...dues, estimate_minutes, labels, recurrence,
  }
}
