import { describe, expect, test } from 'vitest'
import { addMonths, firstWeekday, isDay, monthGrid, weekOf } from './days'

test.each([['en', 0], ['en-US', 0], ['en-GB', 1], ['de', 1], ['de-AT', 1], ['ar-EG', 6], ['pt-BR', 0], ['fr', 1]])(
  'the week of %s begins on day %i',
  (locale, first) => expect(firstWeekday(locale)).toBe(first),
)

describe('the grid of a month', () => {
  test('begins on a Monday in Germany and ends with the next month', () => {
    const weeks = monthGrid('2026-11-23', firstWeekday('de'))
    expect(weeks).toHaveLength(6)
    expect(weeks[0]).toEqual(['2026-10-26', '2026-10-27', '2026-10-28', '2026-10-29', '2026-10-30', '2026-10-31', '2026-11-01'])
    expect(weeks.at(-1)?.at(-1)).toBe('2026-12-06')
  })

  test('begins on a Sunday in America, where the same month takes five weeks', () => {
    const weeks = monthGrid('2026-11-23', firstWeekday('en-US'))
    expect(weeks).toHaveLength(5)
    expect(weeks[0]?.[0]).toBe('2026-11-01')
  })

  test('a February of four weeks is four rows', () => {
    expect(monthGrid('2027-02-10', 1)).toHaveLength(4)
  })

  test('holds every day once, across clock changes', () => {
    for (const month of ['2026-03-01', '2026-10-01', '2028-02-01']) {
      const days = monthGrid(month, 1).flat()
      expect(new Set(days).size).toBe(days.length)
    }
  })
})

test('a month further is the same day, or the last there is', () => {
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
  expect(addMonths('2028-01-31', 1)).toBe('2028-02-29')
  expect(addMonths('2026-12-15', 1)).toBe('2027-01-15')
  expect(addMonths('2026-01-15', -1)).toBe('2025-12-15')
})

test('a week is the seven days around a day', () => {
  expect(weekOf('2026-11-22', 1)).toEqual(
    ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'])
})

test('only days of the calendar are days', () => {
  expect(isDay('2026-11-23')).toBe(true)
  expect(['2026-02-30', '2026-13-01', '23.11.2026', '', null, undefined].some(isDay)).toBe(false)
})
