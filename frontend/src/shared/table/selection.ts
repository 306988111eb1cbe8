/** Row selection: one by one, or as a range. */
import { computed, ref, shallowRef } from 'vue'

export function useSelection() {
  const ids = shallowRef<ReadonlySet<number>>(new Set())
  let anchor: number | null = null
  const isBegun = ref(false)
  /** Whether a tap selects, on a phone: once a row is selected or "Select" was pressed, until the selection is cleared. */
  const isSelecting = computed(() => isBegun.value || ids.value.size > 0)

  const count = computed(() => ids.value.size)
  const has = (id: number): boolean => ids.value.has(id)

  /** The rows between the anchor and this one in `order`; this one alone where either is missing. */
  function rangeTo(id: number, order: readonly number[]): readonly number[] {
    const [from, to] = [order.indexOf(anchor ?? id), order.indexOf(id)].sort((a, b) => a - b) as [number, number]
    return from < 0 ? [id] : order.slice(from, to + 1)
  }

  /** Toggles the row; with `order`, the whole range takes the row's new state. */
  function toggle(id: number, order?: readonly number[]): void {
    const isSelected = !has(id)
    const next = new Set(ids.value)
    for (const one of order ? rangeTo(id, order) : [id]) {
      if (isSelected) next.add(one)
      else next.delete(one)
    }
    ids.value = next
    anchor = id
  }

  /** Adds the range to the selection and keeps the anchor. */
  function extend(id: number, order: readonly number[]): void {
    if (anchor !== null && !order.includes(anchor)) return toggle(id)
    ids.value = new Set([...ids.value, ...rangeTo(id, order)])
  }

  function set(all: Iterable<number>): void {
    ids.value = new Set(all)
    anchor = null
  }

  function clear(): void {
    isBegun.value = false
    set([])
  }
  const begin = (): void => void (isBegun.value = true)
  /** The selected items. */
  const chosenOf = <Item extends { id: number }>(items: readonly Item[]): Item[] => items.filter((item) => has(item.id))

  return { ids, count, isSelecting, begin, has, toggle, extend, set, clear, chosenOf }
}

export type Selection = ReturnType<typeof useSelection>
