/** List keyboard control: arrows move, x or Space selects, e edits the title, Enter opens, Escape clears the selection. */
import { computed, nextTick, ref, type Ref } from 'vue'
import type { Task } from '@/api/types'
import type { Row } from './grouping'

export interface RowActions {
  /** Scrolls the row into view. */
  show: (index: number) => void
  select: (task: Task, isRange: boolean) => void
  escape: () => void
}

export function useRowKeys(scroller: Ref<HTMLElement | undefined>, rows: () => readonly Row[], actions: RowActions) {
  const current = ref<string | null>(null)
  const isTask = (row: Row | undefined): boolean => row?.kind === 'task'
  /** The roving tab stop: the last focused row, else the first. */
  const tabStop = computed(() => {
    const there = rows().some((row) => row.key === current.value)
    return there ? current.value : (rows().find((row) => isTask(row))?.key ?? null)
  })

  async function go(index: number): Promise<void> {
    const row = rows()[index]
    if (!row) return
    current.value = row.key
    actions.show(index)
    await nextTick()
    // A row that was out of view is rendered in the next frame.
    requestAnimationFrame(() => rowOf(row.key)?.querySelector<HTMLElement>('[data-row-link]')?.focus({ preventScroll: true }))
  }

  function rowOf(key: string): HTMLElement | null {
    return scroller.value?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`) ?? null
  }

  function next(from: number, by: -1 | 1): number {
    let index = from + by
    while (rows()[index] && !isTask(rows()[index])) index += by
    return index
  }

  function onFocusin(event: FocusEvent): void {
    const key = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset.row
    if (key !== undefined && isTask(rows().find((row) => row.key === key))) current.value = key
  }

  function onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') return actions.escape()
    const target = event.target as HTMLElement
    if (!target.matches('[data-row-link]') || event.ctrlKey || event.metaKey || event.altKey) return
    const index = rows().findIndex((row) => row.key === target.closest<HTMLElement>('[data-row]')?.dataset.row)
    const row = rows()[index]
    if (row?.kind !== 'task' || !acts(event, index, row)) return
    event.preventDefault()
    event.stopPropagation()
  }

  function acts(event: KeyboardEvent, index: number, row: Extract<Row, { kind: 'task' }>): boolean {
    const { key } = event
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const by = key === 'ArrowDown' ? 1 : -1
      const at = next(index, by)
      const to = rows()[at]
      if (event.shiftKey && to?.kind === 'task') actions.select(to.task, true)
      void go(at)
    } else if (key === 'Home') void go(next(-1, 1))
    else if (key === 'End') void go(next(rows().length, -1))
    else if (key === 'x' || key === ' ') actions.select(row.task, event.shiftKey)
    else if (key === 'e' || key === 'F2') rowOf(row.key)?.querySelector<HTMLElement>('[data-edit]')?.click()
    else return false
    return true
  }

  return { tabStop, onKeydown, onFocusin }
}
