import { expect, test } from 'vitest'
import { isMonthFirst, nextWeekday, parseDay } from './parse'

const SATURDAY = '2026-11-28'
const read = (text: string, isFirst = false) => parseDay(text, { today: SATURDAY, isMonthFirst: isFirst, languages: ['en', 'de'] })

test.each([
  ['today', '2026-11-28'], ['Heute', '2026-11-28'], ['tomorrow', '2026-11-29'], ['morgen', '2026-11-29'], ['Übermorgen', '2026-11-30'],
  ['+3', '2026-12-01'], ['in 2 weeks', '2026-12-12'], ['in 2 Wochen', '2026-12-12'], ['+1 m', '2026-12-28'], ['in 1 Jahr', '2027-11-28'],
  ['monday', '2026-11-30'], ['next Monday', '2026-11-30'], ['nächsten Montag', '2026-11-30'], ['Mo', '2026-11-30'], ['saturday', '2026-12-05'],
  ['24 Dec', '2026-12-24'], ['Dec 24, 2027', '2027-12-24'], ['24. Dezember 2026', '2026-12-24'], ['5. März', '2027-03-05'], ['1st of January', '2027-01-01'],
  ['24.12.', '2026-12-24'], ['24.12.26', '2026-12-24'], ['1.2', '2027-02-01'], ['3.4.1975', '1975-04-03'], ['3.4.75', '1975-04-03'],
  ['2026-12-24', '2026-12-24'], ['24/12/2026', '2026-12-24'], ['30', '2026-11-30'], ['5', '2026-12-05'], ['31', '2026-12-31'], ['29.2.', '2028-02-29'],
])('%s is %s', (text, day) => expect(read(text)).toBe(day))

test.each(['', 'soon', '31.02.2026', '13/13/2026', '32', '2026', '24.12.2', 'ma', '0.5.2026'])('“%s” is no day', (text) => expect(read(text)).toBeNull())

test('slashes follow the language, full stops never put the month first', () => {
  expect(read('4/3/2027', true)).toBe('2027-04-03')
  expect(read('4/3/2027')).toBe('2027-03-04')
  expect(read('4.3.2027', true)).toBe('2027-03-04')
  expect([isMonthFirst('en-US'), isMonthFirst('en-GB'), isMonthFirst('de')]).toEqual([true, false, false])
})

test('a month later is in the month, and the next weekday is never today', () => {
  expect(parseDay('+1 month', { today: '2027-01-31', isMonthFirst: false, languages: ['en'] })).toBe('2027-02-28')
  expect(nextWeekday(SATURDAY, 6)).toBe('2026-12-05')
})
