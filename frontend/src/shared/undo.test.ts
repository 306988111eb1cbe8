import { beforeEach, expect, test, vi } from 'vitest'
import { provideScope } from '@/api/scope'
import { forgetActs, remember, undo, undoLast } from './undo'

const inCompany = (companyId: string): void => provideScope({ companyId, timeZone: undefined })

beforeEach(() => {
  forgetActs()
  inCompany('c_1')
})

test('the last act is taken back first, each once, until there is none', async () => {
  const [first, second] = [vi.fn(() => Promise.resolve(true)), vi.fn(() => Promise.resolve(true))]
  remember('first', first)
  remember('second', second)
  expect(await undoLast()).toMatchObject({ act: { title: 'second' }, isDone: true })
  expect(await undoLast()).toMatchObject({ act: { title: 'first' } })
  expect(await undoLast()).toBeNull()
  expect([first, second].map((takeBack) => takeBack.mock.calls.length)).toEqual([1, 1])
})

test('two quick presses take back two acts, one after the other', async () => {
  const order: string[] = []
  const slow = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins`)
    await Promise.resolve()
    order.push(`${name} ends`)
  }
  remember('first', slow('first'))
  remember('second', slow('second'))
  await Promise.all([undoLast(), undoLast()])
  expect(order).toEqual(['second begins', 'second ends', 'first begins', 'first ends'])
})

test('what is done by taking back is no act of its own', async () => {
  remember('change', async () => {
    await Promise.resolve()
    remember('the change back', () => Promise.resolve())
  })
  await undoLast()
  expect(await undoLast()).toBeNull()
})

test('what its notice has taken back is not taken back again', async () => {
  const act = remember('change', () => Promise.resolve(true))
  await undo(act)
  expect(await undoLast()).toBeNull()
})

test('what could not be taken back says so, and what fails does not block what came before', async () => {
  remember('first', () => Promise.resolve())
  remember('refused', () => Promise.resolve(false))
  remember('broken', () => Promise.reject(new Error('no')))
  await expect(undoLast()).rejects.toThrow('no')
  expect(await undoLast()).toMatchObject({ act: { title: 'refused' }, isDone: false })
  expect(await undoLast()).toMatchObject({ act: { title: 'first' }, isDone: true })
})

test('twenty acts are kept, and none of another company', async () => {
  for (let number = 1; number <= 25; number += 1) remember(String(number), () => Promise.resolve())
  inCompany('c_2')
  expect(await undoLast()).toBeNull()
  inCompany('c_1')
  const titles: string[] = []
  for (let done = await undoLast(); done; done = await undoLast()) titles.push(done.act.title)
  expect(titles).toHaveLength(20)
  expect(titles.at(-1)).toBe('6')
})
