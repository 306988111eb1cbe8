/** Keyboard shortcuts, and the list of them that `?` shows. */
import { useEventListener } from '@vueuse/core'
import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  /** `k`, `?`, `mod+k` (Ctrl, or Cmd on a Mac), or two keys in sequence: `g c`. */
  keys: string
  /** The i18n key of its description. */
  label: string
  /** Whether it comes before others with the same keys, such as those of a record shown within the page. */
  isFirst?: boolean
  /** Whether the keys belong to a text field or a dialog while one has the focus. Keys without Ctrl always do. */
  isOutsideFields?: boolean
  run: () => void
}

export const shortcuts = shallowReactive<Shortcut[]>([])
const SEQUENCE_MS = 1_200
let first: { key: string; at: number } | null = null

/** Registers shortcuts for the lifetime of the calling component. */
export function useShortcuts(...added: Shortcut[]): void {
  shortcuts.push(...added)
  onScopeDispose(() => {
    for (const shortcut of added) shortcuts.splice(shortcuts.indexOf(shortcut), 1)
  })
}

/** Listens for shortcuts; called once, in the shell. */
export function listenForShortcuts(): void {
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey) return
    const pressed = prefixOf(event) + event.key.toLowerCase()
    if (!pressed.startsWith('mod+') && isTyping(event.target)) return
    const before = first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ` : ''
    first = { key: pressed, at: event.timeStamp }
    const found = matching(before + pressed) ?? matching(pressed)
    if (!found || (found.isOutsideFields && isTyping(event.target) && !isTextless(event.target))) return
    event.preventDefault()
    first = null
    found.run()
  })
}

/** Shift changes which character comes, except with Ctrl. */
function prefixOf({ ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  if (!ctrlKey && !metaKey) return ''
  return shiftKey ? 'mod+shift+' : 'mod+'
}

/** The shortcut registered last wins: a page's own come before the shell's. */
function matching(keys: string): Shortcut | undefined {
  const found = shortcuts.filter((shortcut) => shortcut.keys === keys)
  return found.findLast(({ isFirst }) => isFirst) ?? found.at(-1)
}

/** Inputs that have no undo of their own. */
const NO_TEXT = new Set(['button', 'checkbox', 'radio', 'range', 'reset', 'submit'])

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null
  return element !== null && (isField(element) || element.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null)
}

const isField = (element: HTMLElement): boolean => element.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName)
const isTextless = (target: EventTarget | null): boolean => target instanceof HTMLInputElement && NO_TEXT.has(target.type) && target.closest('[role="dialog"]') === null
