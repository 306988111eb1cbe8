/** Estimates the progress of an import from the duration of the dry run, as the server reports none. */
import { useTimestamp } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { estimated, SENDING_SHARE } from './estimate'
import type { Import } from './useImport'

const STEP_MS = 200

export function useProgress(wizard: Import) {
  const now = useTimestamp({ controls: true, interval: STEP_MS, immediate: false })
  const sentAt = ref<number | null>(null)
  watch(
    () => [wizard.busy, wizard.sent] as const,
    ([busy, sent]) => {
      if (busy === null) sentAt.value = null
      else if (sent >= 1) sentAt.value ??= Date.now()
      if (busy === null) now.pause()
      else now.resume()
    },
    { immediate: true },
  )
  const isSending = computed(() => sentAt.value === null)
  const seconds = computed(() => (sentAt.value === null ? 0 : Math.max(0, now.timestamp.value - sentAt.value) / 1000))
  const percent = computed(() =>
    Math.round(100 * (isSending.value ? wizard.sent * SENDING_SHARE : estimated(seconds.value, wizard.checkSeconds))),
  )
  const isLate = computed(() => seconds.value > wizard.checkSeconds * 1.3 + 1)
  const secondsLeft = computed(() => Math.max(1, Math.ceil(wizard.checkSeconds - seconds.value)))
  return { isSending, percent, isLate, secondsLeft }
}
