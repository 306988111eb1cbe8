import { describe, expect, test } from 'vitest'
import { createI18n } from 'vue-i18n'
import de from '@/locales/de'
import en from '@/locales/en'
import examples from '../../../tests/fixtures/recurrence.json'
import { DAILY, everyWorkday, isEveryWorkday, isShortened, LARGEST_COUNT, LARGEST_INTERVAL, nthOfMonth, readRule, weekdayOf, writeRule, type Rule } from './recurrence'
import { ruleInWords } from './recurrenceWords'

const KNOWN = [
  'FREQ=DAILY',
  'FREQ=DAILY;INTERVAL=3;COUNT=5',
  'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  'FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231;BYDAY=MO,TH',
  'FREQ=MONTHLY',
  'FREQ=MONTHLY;BYMONTHDAY=-1',
  'FREQ=MONTHLY;BYDAY=2TU',
  'FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR',
  'FREQ=YEARLY',
  'FREQ=MONTHLY;BYMONTHDAY=5',
  'FREQ=MONTHLY;BYMONTHDAY=31',
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
  'FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1',
]

// The server's rules are tested against the same examples.
interface Example {
  text: string
  normal: string
  /** Null for a rule that the page cannot edit. */
  fields: Rule | null
}
const rules = examples.rules as Example[]

test.each(rules)('$text is read', ({ text, normal, fields }) => {
  expect(readRule(text)).toEqual(fields)
  expect(readRule(normal)).toEqual(fields)
})

test.each(rules.filter(({ fields }) => fields))('$text is written as the server keeps it', ({ normal, fields }) => {
  expect(writeRule(fields ?? DAILY)).toBe(normal)
})

test.each(examples.refused)('%j is not read', (text) => expect(readRule(text)).toBeNull())

test('no larger numbers are offered than the server takes', () => {
  expect({ interval: LARGEST_INTERVAL, count: LARGEST_COUNT }).toEqual(examples.limits)
})

test.each(examples.monthdays)('$day is a weekday of its month', ({ day, nth, weekday }) => {
  expect(nthOfMonth(day)).toEqual({ nth, weekday })
  expect(weekdayOf(day)).toBe(weekday)
})

test('where a month or a year is too short it is said', () => {
  const says = (text: string, day: string): boolean => isShortened(readRule(text) ?? DAILY, day)
  expect(says('FREQ=MONTHLY', '2027-01-31')).toBe(true)
  expect(says('FREQ=MONTHLY', '2027-01-29')).toBe(true)
  expect(says('FREQ=MONTHLY', '2027-01-28')).toBe(false)
  expect(says('FREQ=MONTHLY;BYMONTHDAY=31', '2027-02-28')).toBe(true)
  expect(says('FREQ=MONTHLY;BYMONTHDAY=-1', '2027-01-31')).toBe(false)
  expect(says('FREQ=MONTHLY;BYDAY=2TU', '2027-01-31')).toBe(false)
  expect(says('FREQ=YEARLY', '2028-02-29')).toBe(true)
  expect(says('FREQ=YEARLY', '2028-03-31')).toBe(false)
  expect(says('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2029-02-28')).toBe(true)
  expect(says('FREQ=DAILY', '2027-01-31')).toBe(false)
})

test('every workday is a rule of its own', () => {
  expect(writeRule(everyWorkday())).toBe('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR')
  expect(isEveryWorkday({ ...everyWorkday(), interval: 2 })).toBe(false)
})

describe.each([
  ['en', [
    'every day', 'every 3 days, 5 times', 'every workday', 'every 2 weeks on Monday and Thursday, until 2026-12-31',
    'every month', 'every month on the last day', 'every month on the second Tuesday', 'every 3 months on the last Friday', 'every year',
    'every month on day 5', 'every month on day 31, in shorter months on the last day',
    'every year on February 29, in other years on the 28th', 'every year on May 1',
  ]],
  ['de', [
    'jeden Tag', 'alle 3 Tage, 5-mal', 'jeden Werktag', 'alle 2 Wochen am Montag und Donnerstag, bis 2026-12-31',
    'jeden Monat', 'jeden Monat am letzten Tag', 'jeden Monat am zweiten Dienstag', 'alle 3 Monate am letzten Freitag', 'jedes Jahr',
    'jeden Monat am 5.', 'jeden Monat am 31., in kürzeren Monaten am letzten Tag',
    'jedes Jahr am 29. Februar, in anderen Jahren am 28.', 'jedes Jahr am 1. Mai',
  ]],
])('in %s', (locale, expected) => {
  const messages = { en, de } as never
  const { t } = createI18n({ legacy: false, locale, messages }).global as unknown as { t: Parameters<typeof ruleInWords>[1]['t'] }
  const words = { t, locale, day: (day: string) => day }

  test('rules are said in words', () => {
    expect(KNOWN.map((text) => ruleInWords(text, words))).toEqual(expected)
  })

  test('a rule there are no words for is shown as it is', () => {
    expect(ruleInWords('FREQ=YEARLY;BYMONTH=3', words)).toBe('FREQ=YEARLY;BYMONTH=3')
  })
})
