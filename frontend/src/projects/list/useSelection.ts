/** Which tasks of a list are chosen: one by one, or with Shift everything from the last one to this. */
import { computed, ref } from 'vue'
import type { Task } from '@/api/types'

export function useSelection(all: () => readonly Task[], inOrder: () => readonly number[]) {
  const ids = ref<ReadonlySet<number>>(new Set())
  let last: number | null = null
  /** Those of them that are still there. */
  const tasks = computed(() => all().filter((task) => ids.value.has(task.id)))

  function toggle(id: number, isRange: boolean): void {
    const isSelected = !ids.value.has(id)
    const order = inOrder()
    const [from, to] = [order.indexOf(last ?? id), order.indexOf(id)].toSorted((a, b) => a - b) as [number, number]
    const range = isRange && from >= 0 ? order.slice(from, to + 1) : [id]
    const next = new Set(ids.value)
    for (const one of range) {
      if (isSelected) next.add(one)
      else next.delete(one)
    }
    ids.value = next
    last = id
  }

  function set(chosen: readonly number[]): void {
    ids.value = new Set(chosen)
    last = null
  }

  return { ids, tasks, toggle, set, clear: () => set([]) }
}
