import { useEventListener } from '@vueuse/core'
import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { useI18n } from 'vue-i18n'

/** Nothing comes back; whoever leaves the page or its side panel while something is unsaved is asked first. */
export function useUnsavedGuard(isDirty: () => boolean): void {
  const { t } = useI18n()
  useEventListener(window, 'beforeunload', (event) => {
    if (isDirty()) event.preventDefault()
  })
  // The panel stands outside of the page's route, so a guard of that route would not hear of its closing.
  const forget = useRouter().beforeEach((to, from) => {
    const isStaying = to.path === from.path && to.query.open === from.query.open
    return isStaying || !isDirty() || window.confirm(t('common.leave_unsaved'))
  })
  onScopeDispose(forget)
}
