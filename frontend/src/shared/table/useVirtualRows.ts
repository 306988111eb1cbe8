/** Virtual scrolling: only the rows in view, and a few around them, are rendered. */
import { defaultRangeExtractor, useVirtualizer, type Range, type VirtualItem } from '@tanstack/vue-virtual'
import { computed, watch, type CSSProperties, type Ref, type WatchSource } from 'vue'
import { isPrinting } from '@/shared/printing'

export interface VirtualRows {
  count: () => number
  /** The height of a row in pixels. */
  sizeOf: (index: number) => number
  /** The key of a row, which stays the same when rows move; by default its index. */
  keyOf?: (index: number) => string | number
  /** Triggers that heights are measured again. */
  resizedBy: WatchSource[]
  overscan?: number
}

export function useVirtualRows(scroller: Ref<HTMLElement | undefined>, { count, sizeOf, keyOf, resizedBy, overscan = 10 }: VirtualRows) {
  const virtualizer = useVirtualizer(
    computed(() => {
      const isWhole = isPrinting.value
      return {
        count: count(),
        getScrollElement: () => scroller.value ?? null,
        estimateSize: sizeOf,
        overscan,
        ...(keyOf ? { getItemKey: keyOf } : {}),
        rangeExtractor: (range: Range) => (isWhole ? [...Array(range.count).keys()] : defaultRangeExtractor(range)),
      }
    }),
  )
  watch(resizedBy, () => virtualizer.value.measure())

  const rows = computed(() => virtualizer.value.getVirtualItems())
  const last = computed(() => rows.value.at(-1)?.index ?? 0)
  const height = computed<CSSProperties>(() => ({ height: `${virtualizer.value.getTotalSize()}px` }))
  const styleOf = ({ size, start }: VirtualItem): CSSProperties => ({ height: `${size}px`, transform: `translateY(${start}px)` })
  const show = (index: number): void => virtualizer.value.scrollToIndex(index, { align: 'auto' })

  return { rows, last, height, styleOf, show }
}
