/** Moves and resizes bars by pointer or keys: shown at once, saved at the end. */
import { onScopeDispose, reactive } from 'vue'
import type { Task } from '@/api/types'
import { spanOf } from './lanes'
import { shifted, type Grip, type Span } from './timeline'
import { useRescheduling } from './useRescheduling'

/** Key presses in quick succession are saved as one change. */
const IDLE_MS = 700
/** A pointer that hardly moves is a click. */
const CLICK_PIXELS = 4

export function useBarEditing(dayWidth: () => number) {
  const rescheduling = useRescheduling()
  /** The spans of bars while they are being moved, before they are saved. */
  const drafts = reactive(new Map<number, Span>())
  const waiting = new Map<number, { task: Task; timer: number }>()
  let isDragged = false

  const spanNow = (task: Task): Span | null => drafts.get(task.id) ?? spanOf(task)

  async function save(task: Task): Promise<void> {
    window.clearTimeout(waiting.get(task.id)?.timer)
    waiting.delete(task.id)
    const span = drafts.get(task.id)
    if (!span) return
    const saving = rescheduling.put(task, span)
    drafts.delete(task.id)
    await saving
  }

  /** Moves the bar, and saves when no further key follows for a moment. */
  function nudge(task: Task, grip: Grip, days: number): Span | null {
    const span = spanNow(task)
    if (!span) return null
    const next = shifted(span, grip, days)
    drafts.set(task.id, next)
    window.clearTimeout(waiting.get(task.id)?.timer)
    waiting.set(task.id, { task, timer: window.setTimeout(() => void save(task), IDLE_MS) })
    return next
  }

  const settle = (task: Task): void => {
    if (waiting.has(task.id)) void save(task)
  }

  /** Drags the bar with the pointer until it is released. */
  function grab(event: PointerEvent, task: Task, grip: Grip): void {
    // Touch scrolls instead; it opens the task to change its dates.
    if (event.button !== 0 || event.pointerType === 'touch') return
    const span = spanNow(task)
    if (!span) return
    event.preventDefault()
    event.stopPropagation()
    ;(event.currentTarget as HTMLElement).parentElement?.querySelector('button')?.focus({ preventScroll: true })
    const from = event.clientX
    isDragged = false
    const onMove = (move: PointerEvent): void => {
      const pixels = move.clientX - from
      if (Math.abs(pixels) >= CLICK_PIXELS) isDragged = true
      if (isDragged) drafts.set(task.id, shifted(span, grip, Math.round(pixels / dayWidth())))
    }
    const onKey = (key: KeyboardEvent): void => {
      if (key.key !== 'Escape') return
      key.stopPropagation()
      drafts.delete(task.id)
      end()
    }
    const onUp = (): void => {
      end()
      void save(task)
    }
    const end = (): void => {
      window.removeEventListener('pointermove', onMove)
      window.removeEventListener('pointerup', onUp)
      window.removeEventListener('pointercancel', end)
      window.removeEventListener('keydown', onKey, true)
    }
    window.addEventListener('pointermove', onMove)
    window.addEventListener('pointerup', onUp)
    window.addEventListener('pointercancel', end)
    window.addEventListener('keydown', onKey, true)
  }

  /** Whether the click event now only ends a drag; resets on read. */
  function wasDragged(): boolean {
    const was = isDragged
    isDragged = false
    return was
  }

  onScopeDispose(() => waiting.forEach(({ task }) => void save(task)))

  return { drafts, spanNow, nudge, settle, grab, wasDragged }
}
