/** Which rows are selected: one by one, or from the last one chosen to this one. */
import { computed, shallowRef } from 'vue'

export function useSelection() {
  const ids = shallowRef<ReadonlySet<number>>(new Set())
  let anchor: number | null = null

  const count = computed(() => ids.value.size)
  const has = (id: number): boolean => ids.value.has(id)

  function toggle(id: number): void {
    const next = new Set(ids.value)
    if (!next.delete(id)) next.add(id)
    ids.value = next
    anchor = id
  }

  /** All rows between the last one chosen and this one, as they stand in `order`, are selected too. */
  function extend(id: number, order: readonly number[]): void {
    const [from, to] = [order.indexOf(anchor ?? id), order.indexOf(id)].sort((a, b) => a - b) as [number, number]
    if (from < 0) return toggle(id)
    ids.value = new Set([...ids.value, ...order.slice(from, to + 1)])
  }

  function set(all: Iterable<number>): void {
    ids.value = new Set(all)
  }

  function clear(): void {
    ids.value = new Set()
    anchor = null
  }

  return { ids, count, has, toggle, extend, set, clear }
}

export type Selection = ReturnType<typeof useSelection>
