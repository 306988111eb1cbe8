/** Editing Markdown in a text area: marks, lists, and their keys. */
import { nextTick, type Ref } from 'vue'
import { continued, wrapped, type Edited } from './editing'

export type Change = (text: string, from: number, to: number) => Edited
export const bold: Change = (text, from, to) => wrapped(text, from, to, '**')
export const italic: Change = (text, from, to) => wrapped(text, from, to, '_')
const MARKS: Readonly<Record<string, Change>> = { b: bold, i: italic }

export function useEditing(area: Ref<HTMLTextAreaElement | undefined>, text: Ref<string>) {
  async function apply(edited: Edited): Promise<void> {
    text.value = edited.text
    await nextTick()
    area.value?.focus()
    area.value?.setSelectionRange(edited.from, edited.to)
  }

  async function use(change: Change): Promise<void> {
    if (area.value) await apply(change(text.value, area.value.selectionStart, area.value.selectionEnd))
  }

  /** What the key does; null where it is for the text area itself. */
  function actionOf(event: KeyboardEvent): (() => void) | null {
    const mark = event.ctrlKey || event.metaKey ? MARKS[event.key] : undefined
    if (mark) return () => void use(mark)
    const isEnter = event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing
    if (!isEnter || !area.value || area.value.selectionStart !== area.value.selectionEnd) return null
    const next = continued(text.value, area.value.selectionStart)
    return next && (() => void apply(next))
  }

  return { apply, use, actionOf }
}
