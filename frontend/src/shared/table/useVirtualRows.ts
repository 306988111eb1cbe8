/** A long list of which only the rows in sight, and a few around them, are drawn. */
import { useVirtualizer, type VirtualItem } from '@tanstack/vue-virtual'
import { computed, watch, type CSSProperties, type Ref, type WatchSource } from 'vue'

export interface VirtualRows {
  count: () => number
  /** The height of a row in pixels. */
  sizeOf: (index: number) => number
  /** What stays the same when rows move; else their place. */
  keyOf?: (index: number) => string | number
  /** What changes heights, so that they are taken anew. */
  resizedBy: WatchSource[]
  overscan?: number
}

export function useVirtualRows(scroller: Ref<HTMLElement | undefined>, { count, sizeOf, keyOf, resizedBy, overscan = 10 }: VirtualRows) {
  const virtualizer = useVirtualizer(
    computed(() => ({
      count: count(),
      getScrollElement: () => scroller.value ?? null,
      estimateSize: sizeOf,
      overscan,
      ...(keyOf ? { getItemKey: keyOf } : {}),
    })),
  )
  watch(resizedBy, () => virtualizer.value.measure())

  const rows = computed(() => virtualizer.value.getVirtualItems())
  const last = computed(() => rows.value.at(-1)?.index ?? 0)
  const height = computed<CSSProperties>(() => ({ height: `${virtualizer.value.getTotalSize()}px` }))
  const styleOf = ({ size, start }: VirtualItem): CSSProperties => ({ height: `${size}px`, transform: `translateY(${start}px)` })
  const show = (index: number): void => virtualizer.value.scrollToIndex(index, { align: 'auto' })

  return { rows, last, height, styleOf, show }
}
