/** Asks a question in a dialog of the page, instead of the browser's `confirm`. */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text?: string
  /** The label of the button that does it. */
  confirm: string
  cancel: string
  isDestructive?: boolean
}

export interface Asked extends Question {
  answer: (isWanted: boolean) => void
}

export const asked = shallowRef<Asked | null>(null)

/** Returns whether it is wanted. A question that is still open is answered with no. */
export function ask(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    const answer = (isWanted: boolean): void => {
      asked.value = null
      resolve(isWanted)
    }
    asked.value = { ...question, answer }
  })
}
