/** What nobody has caught is told all the same: a failed save is never silent. */
import { CancelledError } from '@tanstack/vue-query'
import { useEventListener } from '@vueuse/core'
import { getCurrentInstance } from 'vue'
import { isProblem, Unreachable } from '@/api/problem'
import { useNotices } from '@/shared/notices'
import { PartMissing } from '@/shared/parts'

/** To be called once, by the outermost component. */
export function useLastResort(): void {
  const notices = useNotices()
  const app = getCurrentInstance()?.appContext.app

  /** Returns whether the error is one of ours, and so no bug for the console. */
  function tell(error: unknown): boolean {
    if (isNobodysLoss(error)) return true
    notices.failed(error)
    return isProblem(error) || error instanceof Unreachable
  }

  if (app) {
    app.config.errorHandler = (error) => {
      if (!tell(error)) console.error(error)
    }
  }
  useEventListener(window, 'unhandledrejection', (event) => {
    if (tell(event.reason)) event.preventDefault()
  })
}

/** Cancelled requests, and parts of the page, which have a notice of their own. */
function isNobodysLoss(error: unknown): boolean {
  return error instanceof PartMissing || error instanceof CancelledError || (error instanceof Error && error.name === 'AbortError')
}
