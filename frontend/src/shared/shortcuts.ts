/** Keyboard shortcuts, and the list of them that `?` shows. */
import { useEventListener } from '@vueuse/core'
import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  /** `k`, `?`, `mod+k` (Ctrl, or Cmd on a Mac), or two keys in sequence: `g c`. */
  keys: string
  /** The i18n key of its description. */
  label: string
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
    const pressed = (event.ctrlKey || event.metaKey ? 'mod+' : '') + event.key.toLowerCase()
    if (!pressed.startsWith('mod+') && isTyping(event.target)) return
    const before = first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ` : ''
    first = { key: pressed, at: event.timeStamp }
    const found = matching(before + pressed) ?? matching(pressed)
    if (!found) return
    event.preventDefault()
    first = null
    found.run()
  })
}

/** The shortcut registered last wins: a page's own come before the shell's. */
function matching(keys: string): Shortcut | undefined {
  return shortcuts.findLast((shortcut) => shortcut.keys === keys)
}

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null
  return element !== null && (element.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName)
    || element.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null)
}
