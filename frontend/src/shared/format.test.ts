import { expect, test } from 'vitest'
import { addDays, daysBetween, initials, regional } from './format'

test.each([
  ['Ada Berg', 'AB'],
  ['Ada Maria Berg', 'AB'],
  ['ada', 'A'],
  ['山田 太郎', '山太'],
  ['Jean-Luc', 'JL'],
  ['  ', ''],
])('%j is abbreviated %j', (name, letters) => {
  expect(initials(name)).toBe(letters)
})

test('days are counted by the calendar, across clock changes and years', () => {
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30')
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
  expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2)
  expect(daysBetween('2028-03-01', '2028-02-28')).toBe(-2)
})

test('dates are written as in the part of the world the browser is from, in the language of the page', () => {
  expect(regional('en', ['de-AT', 'en-GB', 'en'])).toBe('en-GB')
  expect(regional('de', ['de-AT', 'en-GB'])).toBe('de-AT')
  expect(regional('de', ['en-US', 'en'])).toBe('de')
})
