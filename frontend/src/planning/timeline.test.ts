import { describe, expect, test } from 'vitest'
import { barOf, dayAt, dayTicks, monthTicks, patchFor, scaleOver, shifted, weekTicks, xOf, sideOf } from './timeline'

const span = (from: string, to: string) => ({ from, to })
const scale = scaleOver([span('2026-11-20', '2026-12-04')], ['2026-11-23'], 'week', 0)

describe('the scale', () => {
  test('holds everything with room around', () => {
    expect(scale.first).toBe('2026-10-23')
    expect(dayAt(scale, xOf(scale, '2026-12-04'))).toBe('2026-12-04')
    expect(scale.days).toBe(28 + 15 + 28)
  })

  test('is as wide as the page, even with nothing in it', () => {
    const wide = scaleOver([], ['2026-11-23'], 'month', 3_000)
    expect(wide.days * wide.dayWidth).toBeGreaterThanOrEqual(3_000)
  })

  test('gives back the day under a point anywhere on it', () => {
    const x = xOf(scale, '2026-11-23')
    expect([dayAt(scale, x), dayAt(scale, x + scale.dayWidth - 0.5), dayAt(scale, x - 0.5)]).toEqual(
      ['2026-11-23', '2026-11-23', '2026-11-22'])
  })
})

test('a single day is a bar of one day', () => {
  expect(barOf(scale, span('2026-11-23', '2026-11-23'))).toEqual({ x: 31 * 18, width: 18 })
  expect(barOf(scale, span('2026-11-23', '2026-11-29')).width).toBe(7 * 18)
})

describe('a bar', () => {
  const bar = span('2026-11-23', '2026-11-25')

  test('is moved as a whole', () => {
    expect(shifted(bar, 'move', -3)).toEqual(span('2026-11-20', '2026-11-22'))
  })

  test('is resized at either end, but not beyond the other', () => {
    expect(shifted(bar, 'end', 2)).toEqual(span('2026-11-23', '2026-11-27'))
    expect(shifted(bar, 'end', -9)).toEqual(span('2026-11-23', '2026-11-23'))
    expect(shifted(bar, 'start', 9)).toEqual(span('2026-11-25', '2026-11-25'))
  })
})

test.each([
  ['both dates follow', { start_on: '2026-11-20', due_on: '2026-11-23' }, span('2026-11-21', '2026-11-24'), { start_on: '2026-11-21', due_on: '2026-11-24' }],
  ['only the end moves', { start_on: '2026-11-20', due_on: '2026-11-23' }, span('2026-11-20', '2026-11-24'), { due_on: '2026-11-24' }],
  ['a due day stays one', { start_on: null, due_on: '2026-11-23' }, span('2026-11-24', '2026-11-24'), { due_on: '2026-11-24' }],
  ['a due day grows a start', { start_on: null, due_on: '2026-11-23' }, span('2026-11-22', '2026-11-23'), { start_on: '2026-11-22' }],
  ['a start stays one', { start_on: '2026-11-20', due_on: null }, span('2026-11-21', '2026-11-21'), { start_on: '2026-11-21' }],
  ['a start grows a due day', { start_on: '2026-11-20', due_on: null }, span('2026-11-20', '2026-11-22'), { due_on: '2026-11-22' }],
  ['without dates it is due', { start_on: null, due_on: null }, span('2026-11-20', '2026-11-20'), { due_on: '2026-11-20' }],
  ['nothing changes', { start_on: null, due_on: '2026-11-23' }, span('2026-11-23', '2026-11-23'), {}],
])('what is saved: %s', (_name, task, to, patch) => expect(patchFor(task, to)).toEqual(patch))

describe('ticks', () => {
  test('months meet without gaps and are cut at the ends', () => {
    const months = monthTicks(scale, scale.first, '2027-01-01')
    expect(months.map((month) => month.day)).toEqual(['2026-10-01', '2026-11-01', '2026-12-01', '2027-01-01'])
    expect(months[0]).toMatchObject({ x: 0, width: 9 * 18 })
    for (const [index, month] of months.slice(1).entries()) {
      const before = months[index]
      expect((before?.x ?? 0) + (before?.width ?? 0)).toBe(month.x)
    }
  })

  test('weeks begin where they do here, days one by one', () => {
    expect(weekTicks(scale, '2026-11-25', '2026-12-01', 1).map((week) => week.day)).toEqual(['2026-11-23', '2026-11-30'])
    expect(weekTicks(scale, '2026-11-25', '2026-11-25', 0)[0]?.day).toBe('2026-11-22')
    expect(dayTicks(scale, '2026-11-25', '2026-11-27')).toHaveLength(3)
  })
})

test('a span out of sight is before or after it', () => {
  const sight = { from: '2026-11-10', to: '2026-11-20' }
  expect(sideOf({ from: '2026-11-01', to: '2026-11-09' }, sight)).toBe('before')
  expect(sideOf({ from: '2026-11-21', to: '2026-11-22' }, sight)).toBe('after')
  expect(sideOf({ from: '2026-11-01', to: '2026-11-10' }, sight)).toBeNull()
})
