import { expect, test } from 'vitest'
import { grouped, groupOf, partOfDay } from './grouping'

const task = (id: number, due_on: string | null, priority = 0) => ({ id, due_on, priority })
const TODAY = '2026-02-25'

test('the eighth day from now is no longer soon, across the end of a month', () => {
  expect(groupOf('2026-02-24', TODAY)).toBe('overdue')
  expect(groupOf('2026-02-25', TODAY)).toBe('today')
  expect(groupOf('2026-02-26', TODAY)).toBe('soon')
  expect(groupOf('2026-03-04', TODAY)).toBe('soon')
  expect(groupOf('2026-03-05', TODAY)).toBe('later')
  expect(groupOf(null, TODAY)).toBe('undated')
})

test('overdue comes first, tasks without a day last, and empty groups not at all', () => {
  const found = grouped([task(1, null), task(2, TODAY), task(3, '2026-01-01')], TODAY)
  expect(found.map(({ group }) => group)).toEqual(['overdue', 'today', 'undated'])
})

test('within a group the earlier day is first, and on one day the more urgent task', () => {
  const found = grouped([task(1, '2026-02-27', 4), task(2, '2026-02-26', 1), task(3, '2026-02-26', 3)], TODAY)
  expect(found[0]?.tasks.map(({ id }) => id)).toEqual([3, 2, 1])
})

test('night owls hear good evening, not good morning', () => {
  expect([2, 5, 11, 12, 17, 18, 23].map(partOfDay)).toEqual([
    'evening', 'morning', 'morning', 'day', 'day', 'evening', 'evening',
  ])
})
