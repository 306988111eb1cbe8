/** Toasts, announced by screen readers, with an undo where there is one. */
import { useToast } from '@nuxt/ui/composables/useToast'
import { useI18n } from 'vue-i18n'
import { isProblem, Unreachable } from '@/api/problem'
import { remember, undo, type TakeBack } from './undo'

const UNDO_MS = 8_000
const FAILED_MS = 12_000
/** The id of the last notice that says this, and how often it was said. */
const said = new Map<string, { id: string; times: number }>()

export function useNotices() {
  const toast = useToast()
  const { t } = useI18n()

  /** Says that something was done. With a way back it has a button for it, and Ctrl+Z says `what` it takes back. */
  function done(title: string, takeBack?: TakeBack, what = title): void {
    const act = takeBack && remember(what, takeBack)
    const actions = act
      ? [{ label: t('common.undo'), color: 'neutral' as const, variant: 'outline' as const, onClick: () => void undo(act) }]
      : []
    toast.add({ title, actions, color: 'neutral', icon: 'i-lucide-check', duration: UNDO_MS })
  }

  /** Says something that is neither a success nor an error. */
  function told(title: string, description?: string): void {
    toast.add({ title, description, color: 'neutral', icon: 'i-lucide-info', duration: UNDO_MS })
  }

  /** Shows an error; without a title, that saving failed. The same again stays one notice, for as long again. */
  function failed(error: unknown, title = t('common.failed')): void {
    const { id, times } = again(`${title} ${sentenceOf(error, t)}`)
    toast.add({
      id,
      title,
      description: explainError(error, t),
      color: 'error',
      icon: 'i-lucide-triangle-alert',
      // Another number starts the clock anew.
      duration: FAILED_MS + (times % 2),
    })
  }

  /** One that is being closed is gone in a moment, so what is said again then is a new notice. */
  function again(what: string): { id: string; times: number } {
    const before = said.get(what)
    const isClosing = toast.toasts.value.some(({ id, open }) => id === before?.id && open === false)
    const now = before && !isClosing ? { id: before.id, times: before.times + 1 } : { id: `${what} ${Date.now()}`, times: 0 }
    said.set(what, now)
    return now
  }

  return { done, told, failed }
}

type Translate = (key: string, values?: Record<string, unknown>) => string

/** Explains an error in one or two sentences, with the request id for support. */
export function explainError(error: unknown, t: Translate): string {
  const sentence = sentenceOf(error, t)
  return isProblem(error) && error.requestId ? `${sentence} ${t('errors.request', { id: error.requestId })}` : sentence
}

function sentenceOf(error: unknown, t: Translate): string {
  if (error instanceof Unreachable) return t('errors.unreachable')
  if (!isProblem(error)) return t('errors.unexpected')
  const first = error.errors[0]
  return first && first.detail !== error.message ? `${error.message} ${first.detail}` : error.message
}
