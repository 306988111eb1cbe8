import { useEventListener } from '@vueuse/core'
import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { useI18n } from 'vue-i18n'

export interface GuardOptions {
  /** What is asked, instead of the general question. */
  question?: () => string
  /** What is unsaved stands on the page itself, which stays when the side panel comes or goes. */
  isOnPage?: boolean
}

/** Nothing comes back; whoever leaves the page or its side panel while something is unsaved is asked first. */
export function useUnsavedGuard(isDirty: () => boolean, { question, isOnPage = false }: GuardOptions = {}): void {
  const { t } = useI18n()
  useEventListener(window, 'beforeunload', (event) => {
    if (isDirty()) event.preventDefault()
  })
  // The panel stands outside of the page's route, so a guard of that route would not hear of its closing.
  const forget = useRouter().beforeEach((to, from) => {
    const isStaying = to.path === from.path && (isOnPage || to.query.open === from.query.open)
    return isStaying || !isDirty() || window.confirm(question?.() ?? t('common.leave_unsaved'))
  })
  onScopeDispose(forget)
}
