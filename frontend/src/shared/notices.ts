/** Toasts, announced by screen readers, with an undo where there is one. */
import { useToast } from '@nuxt/ui/composables/useToast'
import { useI18n } from 'vue-i18n'
import { isProblem, Unreachable } from '@/api/problem'

const UNDO_MS = 8_000
const FAILED_MS = 12_000

export function useNotices() {
  const toast = useToast()
  const { t } = useI18n()

  function done(title: string, undo?: () => Promise<unknown>): void {
    const actions = undo
      ? [{ label: t('common.undo'), color: 'neutral' as const, variant: 'outline' as const, onClick: () => void undo() }]
      : []
    toast.add({ title, actions, color: 'neutral', icon: 'i-lucide-check', duration: UNDO_MS })
  }

  /** Shows an error; without a title, that saving failed. */
  function failed(error: unknown, title = t('common.failed')): void {
    toast.add({
      title,
      description: explainError(error, t),
      color: 'error',
      icon: 'i-lucide-triangle-alert',
      duration: FAILED_MS,
    })
  }

  return { done, failed }
}

/** Explains an error in one or two sentences, with the request id for support. */
export function explainError(error: unknown, t: (key: string, values?: Record<string, unknown>) => string): string {
  if (error instanceof Unreachable) return t('errors.unreachable')
  if (!isProblem(error)) return t('errors.unexpected')
  const first = error.errors[0]
  const sentence = first && first.detail !== error.message ? `${error.message} ${first.detail}` : error.message
  return error.requestId ? `${sentence} ${t('errors.request', { id: error.requestId })}` : sentence
}
