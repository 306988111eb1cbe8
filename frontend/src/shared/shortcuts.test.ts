import { mount } from '@vue/test-utils'
import { defineComponent, h } from 'vue'
import { afterEach, expect, test, vi } from 'vitest'
import { listenForShortcuts, shortcuts, useShortcuts, type Shortcut } from './shortcuts'

function host(...added: Shortcut[]) {
  return mount(
    defineComponent({
      setup() {
        listenForShortcuts()
        useShortcuts(...added)
        return () => h('input')
      },
    }),
    { attachTo: document.body },
  )
}

const press = (key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): boolean =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }))

let mounted: ReturnType<typeof host> | undefined
afterEach(() => mounted?.unmount())

test('one key, a key with Ctrl, and two keys one after the other', () => {
  const [single, withCtrl, sequence] = [vi.fn(), vi.fn(), vi.fn()]
  mounted = host(
    { keys: 'c', label: 'x', run: single },
    { keys: 'mod+k', label: 'x', run: withCtrl },
    { keys: 'g c', label: 'x', run: sequence },
  )
  press('c')
  press('k', { ctrlKey: true })
  press('g')
  press('c')
  expect([single, withCtrl, sequence].map((run) => run.mock.calls.length)).toEqual([1, 1, 1])
})

test('who types in a field types, unless Ctrl is held', () => {
  const [single, withCtrl] = [vi.fn(), vi.fn()]
  mounted = host({ keys: 'c', label: 'x', run: single }, { keys: 'mod+k', label: 'x', run: withCtrl })
  press('c', {}, mounted.element)
  press('k', { metaKey: true }, mounted.element)
  expect(single).not.toHaveBeenCalled()
  expect(withCtrl).toHaveBeenCalledOnce()
})

test('keys that fields have too are the page\'s outside of them only, and never with Shift', () => {
  const undo = vi.fn()
  mounted = host({ keys: 'mod+z', label: 'x', isOutsideFields: true, run: undo })
  expect(press('z', { ctrlKey: true }, mounted.element)).toBe(true)
  press('Z', { ctrlKey: true, shiftKey: true })
  expect(undo).not.toHaveBeenCalled()
  mounted.element.setAttribute('type', 'checkbox')
  press('z', { ctrlKey: true }, mounted.element)
  press('z', { metaKey: true })
  expect(undo).toHaveBeenCalledTimes(2)
})

test('a page may come before what is shown within it', () => {
  const [page, within] = [vi.fn(), vi.fn()]
  mounted = host({ keys: 'e', label: 'x', isFirst: true, run: page }, { keys: 'e', label: 'x', run: within })
  press('e')
  expect([page, within].map((run) => run.mock.calls.length)).toEqual([1, 0])
})

test('shortcuts go with the component that brought them', () => {
  mounted = host({ keys: 'c', label: 'x', run: vi.fn() })
  expect(shortcuts).toHaveLength(1)
  mounted.unmount()
  mounted = undefined
  expect(shortcuts).toHaveLength(0)
})
