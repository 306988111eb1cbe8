import { useEventListener } from '@vueuse/core'
import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { useLeaving } from './ask/useLeaving'

export interface GuardOptions {
  /** The question asked instead of the general one. */
  question?: () => string
  /** The unsaved input is on the page itself, which stays when the side panel opens or closes. */
  isOnPage?: boolean
}

/** Asks before the page or its side panel is left with unsaved changes. */
export function useUnsavedGuard(isDirty: () => boolean, { question, isOnPage = false }: GuardOptions = {}): void {
  const mayLeave = useLeaving()
  useEventListener(window, 'beforeunload', (event) => {
    if (isDirty()) event.preventDefault()
  })
  // The panel is outside the page's route, so a guard of that route would miss its closing.
  const forget = useRouter().beforeEach(async (to, from) => {
    const isStaying = to.path === from.path && (isOnPage || to.query.open === from.query.open)
    return isStaying || !isDirty() || (await mayLeave(question?.()))
  })
  onScopeDispose(forget)
}
