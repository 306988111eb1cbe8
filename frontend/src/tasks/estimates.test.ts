import { expect, test } from 'vitest'
import { parseMinutes, writtenMinutes } from './estimates'

test.each([
  ['2h 30m', 150], ['2h30', 150], ['2 h', 120], ['1.5h', 90], ['1,5 Std', 90], ['90', 90], ['90m', 90], ['45 min', 45],
  ['2:30', 150], ['3 hours 5 minutes', 185], ['2 Stunden 10 Minuten', 130], ['0', 0],
])('%s are %i minutes', (text, minutes) => expect(parseMinutes(text)).toBe(minutes))

test('nothing is null, what is not understood is undefined', () => {
  expect(parseMinutes('  ')).toBeNull()
  expect(['soon', '-3', '2h 3h', '1:75', 'h'].map(parseMinutes)).toEqual(Array(5).fill(undefined))
})

test('what is written is read again as the same', () => {
  for (const minutes of [0, 5, 60, 90, 1445]) expect(parseMinutes(writtenMinutes(minutes))).toBe(minutes)
  expect(writtenMinutes(150)).toBe('2h 30m')
  expect(writtenMinutes(null)).toBe('')
})
