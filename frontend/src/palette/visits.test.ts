import { expect, test } from 'vitest'
import { MOST_VISITS, visitOf, withVisit, type Visit } from './visits'

test('the panel comes before the page below it', () => {
  expect(visitOf({ path: '/projects/7/board', query: { open: 'task-3' } })).toEqual({ noun: 'task', id: 3 })
  expect(visitOf({ path: '/projects/7/board', query: {} })).toEqual({ noun: 'project', id: 7 })
  expect(visitOf({ path: '/contacts/42', query: {} })).toEqual({ noun: 'contact', id: 42 })
})

test('lists and other pages are no visits of an item', () => {
  expect(visitOf({ path: '/contacts/import', query: {} })).toBeNull()
  expect(visitOf({ path: '/contacts', query: { open: 'nonsense' } })).toBeNull()
})

test('what is visited again comes first, and is there once', () => {
  const before: Visit[] = [{ noun: 'task', id: 1 }, { noun: 'contact', id: 1 }]
  expect(withVisit(before, { noun: 'contact', id: 1 })).toEqual([{ noun: 'contact', id: 1 }, { noun: 'task', id: 1 }])
})

test('only the last few are kept', () => {
  const many = Array.from({ length: 20 }, (_, id) => ({ noun: 'task' as const, id }))
  const kept = many.reduce<Visit[]>((visits, visit) => withVisit(visits, visit), [])
  expect(kept).toHaveLength(MOST_VISITS)
  expect(kept[0]?.id).toBe(19)
})
