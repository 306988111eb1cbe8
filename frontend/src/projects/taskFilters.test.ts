import { expect, test } from 'vitest'
import { aTask } from '@/test/tasks'
import { ADDRESS, EVERYTHING, isNarrowed, labelsOf, matcher } from './taskFilters'

const ANNA = `u_${'a'.repeat(26)}`
const BERT = `u_${'b'.repeat(26)}`
const TASKS = [
  aTask({ id: 1, title: 'Müller anrufen', assignee_ids: [ANNA], labels: ['phone'] }),
  aTask({ id: 2, title: 'Angebot', description: 'für Herrn Müller', assignee_ids: [BERT], priority: 3, labels: ['sales', 'phone'] }),
  aTask({ id: 3, title: 'Aufräumen' }),
]
const shown = (filter: Partial<typeof EVERYTHING>): number[] =>
  TASKS.filter(matcher({ ...EVERYTHING, ...filter }, ANNA)).map((task) => task.id)

test('every word must occur, whatever its accents', () => {
  expect(shown({ q: 'muller' })).toEqual([1, 2])
  expect(shown({ q: 'MÜLLER angebot' })).toEqual([2])
  expect(shown({ q: 'sales' })).toEqual([2])
})

test('people, nobody and oneself', () => {
  expect(shown({ assignee: 'me' })).toEqual([1])
  expect(shown({ assignee: BERT })).toEqual([2])
  expect(shown({ assignee: 'nobody' })).toEqual([3])
})

test('labels and priorities, together', () => {
  expect(shown({ label: 'phone' })).toEqual([1, 2])
  expect(shown({ label: 'phone', priority: 3 })).toEqual([2])
  expect(shown({ priority: 0 })).toEqual([1, 3])
})

test('the address keeps them', () => {
  const filter = { q: 'a', assignee: 'me', label: 'x', priority: 0 }
  expect(ADDRESS.read(ADDRESS.written(filter) as Record<string, string>)).toEqual(filter)
  expect(ADDRESS.read({ assignee: 'him', priority: '7' })).toEqual(EVERYTHING)
  expect(isNarrowed(EVERYTHING)).toBe(false)
  expect(isNarrowed(filter)).toBe(true)
})

test('labels, the most used first', () => {
  expect(labelsOf(TASKS)).toEqual(['phone', 'sales'])
})
