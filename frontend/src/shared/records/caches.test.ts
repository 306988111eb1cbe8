import { QueryClient } from '@tanstack/vue-query'
import { beforeEach, expect, test } from 'vitest'
import { changeEverywhere, rollBack, snapshot } from './caches'
import { cursorOf } from '@/api/entityApi'

interface Thing {
  id: number
  version: number
  name: string
}

const ALL = ['c_1', 'things']
const thing = (id: number, name: string): Thing => ({ id, version: 1, name })
let queries: QueryClient

beforeEach(() => {
  queries = new QueryClient()
  queries.setQueryData([...ALL, 'item', 1], thing(1, 'one'))
  queries.setQueryData([...ALL, 'list', {}], { items: [thing(1, 'one'), thing(2, 'two')], next: null, total: 2 })
  queries.setQueryData([...ALL, 'list', { paged: true }], {
    pages: [{ items: [thing(1, 'one')], next: '/x', total: 2 }, { items: [thing(2, 'two')], next: null }],
    pageParams: [undefined, 'x'],
  })
  queries.setQueryData(['c_2', 'things', 'item', 1], thing(1, 'of another company'))
})

const read = (...key: unknown[]): unknown => queries.getQueryData([...ALL, ...key])

test('a change shows in the item and in every list, and nowhere else', () => {
  changeEverywhere<Thing>(queries, ALL, new Set([1]), (before) => ({ ...before, name: 'ONE' }))
  expect(read('item', 1)).toMatchObject({ name: 'ONE' })
  expect(read('list', {})).toMatchObject({ items: [{ name: 'ONE' }, { name: 'two' }] })
  expect(read('list', { paged: true })).toMatchObject({ pages: [{ items: [{ name: 'ONE' }] }, { items: [{ name: 'two' }] }] })
  expect(queries.getQueryData(['c_2', 'things', 'item', 1])).toMatchObject({ name: 'of another company' })
})

test('what is removed leaves the lists and their totals', () => {
  changeEverywhere<Thing>(queries, ALL, new Set([2]), () => null)
  expect(read('list', {})).toEqual({ items: [thing(1, 'one')], next: null, total: 1 })
})

test('rolling back brings everything back as it was', () => {
  const before = structuredClone([read('item', 1), read('list', {}), read('list', { paged: true })])
  const kept = snapshot(queries, ALL)
  changeEverywhere<Thing>(queries, ALL, new Set([1, 2]), () => null)
  rollBack(queries, kept)
  expect([read('item', 1), read('list', {}), read('list', { paged: true })]).toEqual(before)
})

test('the cursor is taken from the address of the next page', () => {
  expect(cursorOf('/api/contacts?limit=50&cursor=abc%3D')).toBe('abc=')
  expect(cursorOf(null)).toBeUndefined()
})
