/** Reschedules tasks, from calendar and timeline. */
import { useI18n } from 'vue-i18n'
import type { Task } from '@/api/types'
import { daysBetween, useFormat } from '@/shared/format'
import { useTaskActions } from '@/tasks/useTaskActions'
import { spanOf } from './lanes'
import { patchFor, shifted, type Span } from './timeline'

export function useRescheduling() {
  const { t } = useI18n()
  const format = useFormat()
  const actions = useTaskActions()

  /** Returns whether the task was rescheduled; shows a notice with an undo. */
  async function put(task: Task, span: Span): Promise<boolean> {
    const patch = patchFor(task, span)
    if (Object.keys(patch).length === 0) return true
    const days = span.from === span.to ? format.longDay(span.to) : `${format.day(span.from)} – ${format.longDay(span.to)}`
    return actions.reschedule(task, patch, t('planning.moved', { title: task.title, days }))
  }

  /** Shifts the task by days; a missing date stays missing. */
  async function move(task: Task, days: number): Promise<boolean> {
    const span = spanOf(task)
    return span === null || days === 0 ? false : put(task, shifted(span, 'move', days))
  }

  /** Makes the task due on that day, keeping its duration; null removes its dates. */
  async function moveTo(task: Task, day: string | null): Promise<boolean> {
    if (day === null) return actions.reschedule(task, { start_on: null, due_on: null }, t('tasks.unscheduled'))
    const span = spanOf(task)
    return span === null ? put(task, { from: day, to: day }) : move(task, daysBetween(span.to, day))
  }

  return { put, move, moveTo }
}
