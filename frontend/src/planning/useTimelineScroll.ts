/** The visible part of the timeline, and scrolling to days. */
import { useElementSize, useEventListener } from '@vueuse/core'
import { computed, nextTick, ref, watch, type Ref } from 'vue'
import { daysBetween } from '@/shared/format'
import { dayAt, xOf, type Scale } from './timeline'

const MARGIN_PIXELS = 400

export function useTimelineScroll(scroller: Ref<HTMLElement | undefined>, scale: Ref<Scale>, leftWidth: Ref<number>) {
  const { width, height } = useElementSize(scroller)
  const left = ref(0)
  const top = ref(0)
  const chartWidth = computed(() => Math.max(0, width.value - leftWidth.value))
  const centre = ref<string | null>(null)

  useEventListener(scroller, 'scroll', () => {
    left.value = scroller.value?.scrollLeft ?? 0
    top.value = scroller.value?.scrollTop ?? 0
    centre.value = dayAt(scale.value, left.value + chartWidth.value / 2)
  }, { passive: true })

  const from = computed(() => dayAt(scale.value, Math.max(0, left.value - MARGIN_PIXELS)))
  const to = computed(() =>
    dayAt(scale.value, Math.min((scale.value.days - 1) * scale.value.dayWidth, left.value + chartWidth.value + MARGIN_PIXELS)),
  )

  /** The days in sight, without the margin that is rendered. */
  const sight = computed(() => ({ from: dayAt(scale.value, left.value), to: dayAt(scale.value, Math.max(0, left.value + chartWidth.value - 1)) }))

  /** Scrolls so that the day is at this fraction of the width. */
  async function bring(day: string, part = 0.5): Promise<void> {
    await nextTick()
    if (scroller.value) scroller.value.scrollLeft = xOf(scale.value, day) - chartWidth.value * part
  }

  // Zooming keeps the centre day; adding earlier days keeps the scroll position.
  watch(scale, async (now, before) => {
    if (now.dayWidth !== before.dayWidth) {
      if (centre.value) await bring(centre.value)
    } else if (now.first !== before.first) {
      await nextTick()
      if (scroller.value) scroller.value.scrollLeft += daysBetween(now.first, before.first) * now.dayWidth
    }
  })

  return { height, width, chartWidth, top, from, to, sight, bring }
}
