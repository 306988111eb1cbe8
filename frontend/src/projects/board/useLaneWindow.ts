/** Virtual scrolling of a lane: cards in the flow of the page, so that they can be of any height and be dragged. */
import { useVirtualizer, type Range as Seen } from '@tanstack/vue-virtual'
import { computed, watch, type CSSProperties, type Ref } from 'vue'
import type { Task } from '@/api/types'
import { isPrinting } from '@/shared/printing'
import { around, indexesOf, spanning, type Range } from './laneWindow'
import { isDragging } from './useCardDrag'

const OVERSCAN = 4
const GAP = 8
const USUAL_HEIGHT = 92

export interface DrawnCard {
  task: Task
  index: number
  style: CSSProperties | undefined
}

/** `kept` is the index of the card that is drawn even out of sight: the tab stop. */
export function useLaneWindow(scroller: Ref<HTMLElement | undefined>, cards: Ref<readonly Task[]>, kept: Ref<number>) {
  /** What has been drawn since a card is dragged. Sortable moves elements, which must not be gone meanwhile. */
  let held: Range | null = null
  watch(isDragging, () => (held = null))

  function drawnOf(seen: Seen, index: number): number[] {
    const count = cards.value.length
    if (isPrinting.value) return indexesOf({ from: 0, to: count - 1 }, -1)
    const range = around({ from: seen.startIndex, to: seen.endIndex }, OVERSCAN, count)
    if (!isDragging.value) return indexesOf(range, index)
    held = spanning(held, range)
    return indexesOf(around(held, 0, count), index)
  }

  const virtualizer = useVirtualizer(
    computed(() => {
      const [index, isWhole, all] = [kept.value, isPrinting.value, cards.value]
      return {
        count: all.length,
        getScrollElement: () => scroller.value ?? null,
        estimateSize: () => USUAL_HEIGHT,
        getItemKey: (at: number) => all[at]?.id ?? at,
        gap: GAP,
        paddingStart: 2,
        paddingEnd: GAP,
        // Before anything is measured, about a screenful.
        initialRect: { width: 300, height: 700 },
        rangeExtractor: (seen: Seen) => (isWhole ? [...all.keys()] : drawnOf(seen, index)),
      }
    }),
  )

  const rows = computed(() => virtualizer.value.getVirtualItems())
  const drawn = computed<DrawnCard[]>(() =>
    rows.value.flatMap(({ index, start }, at) => {
      const task = cards.value[index]
      const before = rows.value[at - 1]
      const space = before ? start - before.end : GAP
      return task ? [{ task, index, style: space > GAP ? { marginTop: `${space}px` } : undefined }] : []
    }),
  )
  /** The room of the cards that are not drawn. */
  const space = computed<CSSProperties>(() => ({
    paddingTop: `${rows.value[0]?.start ?? 0}px`,
    paddingBottom: `${Math.max(GAP, virtualizer.value.getTotalSize() - (rows.value.at(-1)?.end ?? 0))}px`,
  }))
  const measure = (element: unknown): void => {
    if (element instanceof HTMLElement) virtualizer.value.measureElement(element)
  }

  return { drawn, space, measure }
}
