import { expect, test } from 'vitest'
import { ref } from 'vue'
import { clearing } from './clearing'

test('what is typed while the last is saved stays', async () => {
  const draft = ref('first')
  const saving = clearing(draft, async () => {
    draft.value = 'second'
    return true
  })
  expect(draft.value).toBe('second')
  await saving
  expect(draft.value).toBe('second')
})

test('what could not be saved comes back, but not over what was typed since', async () => {
  const draft = ref('first')
  await clearing(draft, async () => false)
  expect(draft.value).toBe('first')
  await clearing(draft, async () => {
    draft.value = 'second'
    return false
  })
  expect(draft.value).toBe('second')
})
