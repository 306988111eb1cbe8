import { useEventListener } from '@vueuse/core'
import { onBeforeRouteLeave } from 'vue-router'
import { useI18n } from 'vue-i18n'

/** Nothing comes back; whoever leaves while something is unsaved is asked first, by the question given or a general one. */
export function useUnsavedGuard(isDirty: () => boolean, question?: () => string): void {
  const { t } = useI18n()
  useEventListener(window, 'beforeunload', (event) => {
    if (isDirty()) event.preventDefault()
  })
  onBeforeRouteLeave(() => !isDirty() || window.confirm(question?.() ?? t('common.leave_unsaved')))
}
