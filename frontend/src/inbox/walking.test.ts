import { expect, test } from 'vitest'
import type { Notification } from './api'
import { afterwards, byDay, stepFrom } from './walking'

test.each([
  [null, 1, 7],
  [7, 1, 8],
  [8, -1, 7],
  [9, 1, null],
  [7, -1, null],
  [4, 1, 7],
] as const)('from %s a step of %s leads to %s', (chosen, step, to) => {
  expect(stepFrom([7, 8, 9], chosen, step)).toBe(to)
})

test('after the last one of several comes the one before it, after the only one nothing', () => {
  expect(afterwards([7, 8, 9], 7)).toBe(8)
  expect(afterwards([7, 8, 9], 9)).toBe(8)
  expect(afterwards([7], 7)).toBeNull()
})

test('days are those of the company', () => {
  const at = (id: number, moment: string) => ({ id, at: moment }) as Notification
  const days = byDay([at(3, '2026-11-28T08:00:00Z'), at(2, '2026-11-27T23:30:00Z'), at(1, '2026-11-27T12:00:00Z')], 'Europe/Berlin')
  expect(days.map(({ day, items }) => [day, items.map(({ id }) => id)])).toEqual([['2026-11-28', [3, 2]], ['2026-11-27', [1]]])
})
