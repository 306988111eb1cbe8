import { ref } from 'vue'
import { isProblem } from '@/api/problem'

export type Save<Value> = (value: Value) => Promise<boolean>

/** Saves one field; `error` is the server's error for the field's JSON pointer. */
export function useFieldSave<Value>(pointer: () => string, save: () => Save<Value>) {
  const error = ref<string | null>(null)
  const isSaving = ref(false)

  /** Returns whether the value was saved. */
  async function store(value: Value): Promise<boolean> {
    isSaving.value = true
    error.value = null
    try {
      return await save()(value)
    } catch (problem) {
      if (!isProblem(problem)) throw problem
      error.value = (problem.errorAt(pointer()) ?? problem.errors[0])?.detail ?? problem.message
      return false
    } finally {
      isSaving.value = false
    }
  }

  return { error, isSaving, store }
}
