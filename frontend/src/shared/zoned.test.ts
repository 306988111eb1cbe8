import { expect, test } from 'vitest'
import { momentOf, partsIn } from './zoned'

test.each([
  ['2026-11-23', '14:30', 'Europe/Berlin', '2026-11-23T13:30:00Z'],
  ['2026-07-01', '00:15', 'Europe/Berlin', '2026-06-30T22:15:00Z'],
  ['2026-11-23', '23:45', 'America/New_York', '2026-11-24T04:45:00Z'],
  ['2026-03-29', '03:00', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['2026-10-25', '12:00', 'Europe/Berlin', '2026-10-25T11:00:00Z'],
  ['2026-11-23', '09:00', 'Asia/Kathmandu', '2026-11-23T03:15:00Z'],
])('%s %s in %s is %s, and back', (day, time, zone, moment) => {
  expect(momentOf(day, time, zone)).toBe(moment)
  expect(partsIn(new Date(moment), zone)).toEqual({ day, time })
})

test('a time the clock skips is one after the gap', () => {
  expect(partsIn(new Date(momentOf('2026-03-29', '02:30', 'Europe/Berlin')), 'Europe/Berlin').day).toBe('2026-03-29')
})
