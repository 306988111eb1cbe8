import { useEventListener } from '@vueuse/core'
import { onBeforeRouteLeave } from 'vue-router'
import { useI18n } from 'vue-i18n'

/** Nothing comes back; whoever leaves while something is unsaved is asked first. */
export function useUnsavedGuard(isDirty: () => boolean): void {
  const { t } = useI18n()
  useEventListener(window, 'beforeunload', (event) => {
    if (isDirty()) event.preventDefault()
  })
  onBeforeRouteLeave(() => !isDirty() || window.confirm(t('common.leave_unsaved')))
}
