/** How far a trial or an import is: the part of the file that was sent, then the row the server has come to. */
import { useIntervalFn } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { runningRow } from './api'
import { percentOf } from './percent'
import type { Import } from './useImport'

const LOOK_MS = 700

export function useProgress(wizard: Import) {
  const row = ref(0)
  const rows = computed(() => wizard.preview?.rows ?? 0)
  const isRunning = computed(() => wizard.busy === 'checking' || wizard.busy === 'importing')
  const isSending = computed(() => wizard.sent < 1)
  const look = useIntervalFn(
    async () => {
      if (isSending.value) return
      // One look that fails says nothing about the import, whose own answer counts.
      const found = await runningRow().catch(() => null)
      if (found !== null) row.value = found
    },
    LOOK_MS,
    { immediate: false },
  )
  watch(
    isRunning,
    (runs) => {
      row.value = 0
      if (runs) look.resume()
      else look.pause()
    },
    { immediate: true },
  )
  const percent = computed(() => percentOf(wizard.sent, row.value, rows.value))
  return { isRunning, isSending, percent, row, rows }
}
