import { expect, test } from 'vitest'
import type { Reference } from '@/shared/open'
import { MOST_VISITS, visitOf, withVisit } from './visits'

test('the panel comes before the page below it', () => {
  expect(visitOf({ path: '/projects/7/board', query: { open: 'task-3' } })).toEqual({ type: 'task', id: 3 })
  expect(visitOf({ path: '/projects/7/board', query: {} })).toEqual({ type: 'project', id: 7 })
  expect(visitOf({ path: '/contacts/42', query: {} })).toEqual({ type: 'contact', id: 42 })
})

test('lists and other pages are no visits of an item', () => {
  expect(visitOf({ path: '/contacts/import', query: {} })).toBeNull()
  expect(visitOf({ path: '/contacts', query: { open: 'nonsense' } })).toBeNull()
})

test('what is visited again comes first, and is there once', () => {
  const before: Reference[] = [{ type: 'task', id: 1 }, { type: 'contact', id: 1 }]
  expect(withVisit(before, { type: 'contact', id: 1 })).toEqual([{ type: 'contact', id: 1 }, { type: 'task', id: 1 }])
})

test('only the last few are kept', () => {
  const many = Array.from({ length: 20 }, (_, id) => ({ type: 'task' as const, id }))
  const kept = many.reduce<Reference[]>((visits, visit) => withVisit(visits, visit), [])
  expect(kept).toHaveLength(MOST_VISITS)
  expect(kept[0]?.id).toBe(19)
})
