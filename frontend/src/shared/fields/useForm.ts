import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { isProblem, type ApiProblem } from '@/api/problem'
import { explainError } from '@/shared/notices'

/** The state of a form: sending, errors by field, and a general message. */
export function useForm() {
  const { t } = useI18n()
  const isSending = ref(false)
  const problem = shallowRef<ApiProblem | null>(null)
  const message = ref<string | null>(null)

  const hasFieldErrors = computed(() => (problem.value?.errors.length ?? 0) > 0)

  /** The error of the field at this JSON pointer. */
  const errorAt = (pointer: string): string | undefined => problem.value?.errorAt(pointer)?.detail

  /** Returns whether it succeeded; `sayings` replaces the server's text for some error codes. */
  async function send(action: () => Promise<unknown>, sayings: Record<string, string> = {}): Promise<boolean> {
    if (isSending.value) return false
    isSending.value = true
    problem.value = message.value = null
    try {
      await action()
      return true
    } catch (error) {
      problem.value = isProblem(error) ? error : null
      if (!hasFieldErrors.value) message.value = (isProblem(error) && sayings[error.code]) || explainError(error, t)
      return false
    } finally {
      isSending.value = false
    }
  }

  return { isSending, problem, message, errorAt, send }
}
