/** A panel that a button opens. Panel and content are loaded when the button is pointed at, or opened. */
import { ref } from 'vue'
import { part, patiently } from '@/shared/parts'

const loadPanel = patiently(() => import('./DropPanel.vue'))
export const DropPanel = part(loadPanel)

/** `onOpening` is called before the panel is loaded; `keys` open it from the button. */
export function useDrop(
  loadContent: () => Promise<unknown>,
  { onOpening, keys = ['ArrowDown'] }: { onOpening?: () => void; keys?: readonly string[] } = {},
) {
  const button = ref<HTMLElement>()
  const isOpen = ref(false)

  const load = () => Promise.all([loadPanel(), loadContent()])
  const prepare = (): void => void load()

  async function toggle(): Promise<void> {
    if (isOpen.value) return close()
    onOpening?.()
    await load()
    isOpen.value = true
  }

  function close(): void {
    isOpen.value = false
  }

  function onKey(event: KeyboardEvent): void {
    if (!keys.includes(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    if (!isOpen.value) void toggle()
  }

  /** What a button listens to. */
  const listeners = { pointerenter: prepare, focus: prepare, click: toggle, keydown: onKey }

  return { button, isOpen, prepare, toggle, close, listeners }
}
