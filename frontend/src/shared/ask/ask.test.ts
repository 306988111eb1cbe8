import { expect, test } from 'vitest'
import { ask, asked } from './ask'

const QUESTION = { title: 'Leave?', confirm: 'Leave', cancel: 'Stay' }

test('the answer is handed to who has asked', async () => {
  const leaving = ask(QUESTION)
  expect(asked.value?.title).toBe('Leave?')
  asked.value?.answer(true)
  expect(await leaving).toBe(true)
  expect(asked.value).toBeNull()
})

test('a second question ends the first with no', async () => {
  const first = ask(QUESTION)
  const second = ask({ ...QUESTION, title: 'Really?' })
  expect(await first).toBe(false)
  asked.value?.answer(true)
  expect(await second).toBe(true)
})
