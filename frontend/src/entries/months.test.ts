import { expect, test } from 'vitest'
import { byMonth } from './months'

test('the month of a moment is that of the company', () => {
  const items = [{ at: '2026-11-30T23:30:00Z' }, { at: '2026-11-30T22:30:00Z' }, { at: '2026-11-02T10:00:00Z' }]
  expect(byMonth(items, 'Europe/Berlin').map(({ month, items: listed }) => [month, listed.length])).toEqual([['2026-12', 1], ['2026-11', 2]])
  expect(byMonth(items, 'UTC').map(({ month }) => month)).toEqual(['2026-11'])
})
