import { describe, expect, test } from 'vitest'
import { createI18n } from 'vue-i18n'
import de from '@/locales/de'
import en from '@/locales/en'
import { DAILY, everyWorkday, isEveryWorkday, nthOfMonth, readRule, weekdayOf, writeRule } from './recurrence'
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
]

test.each(KNOWN)('%s is read, and written as it was', (text) => {
  const rule = readRule(text)
  expect(rule).not.toBeNull()
  expect(writeRule(rule ?? DAILY)).toBe(text)
})

test.each([
  'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1', 'FREQ=YEARLY;BYMONTH=3', 'FREQ=MONTHLY;BYMONTHDAY=5,20', 'FREQ=WEEKLY;BYDAY=1MO',
  'FREQ=HOURLY', 'nonsense', 'FREQ=DAILY;BYDAY=MO',
])('%s is for others to edit', (text) => expect(readRule(text)).toBeNull())

test('every workday is a rule of its own', () => {
  expect(writeRule(everyWorkday())).toBe('FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR')
  expect(isEveryWorkday({ ...everyWorkday(), interval: 2 })).toBe(false)
})

test('a day knows its weekday and the how-manieth it is', () => {
  expect(weekdayOf('2026-11-22')).toBe('SU')
  expect(nthOfMonth('2026-11-10')).toEqual({ nth: 2, weekday: 'TU' })
  expect(nthOfMonth('2026-11-30')).toEqual({ nth: -1, weekday: 'MO' })
})

describe.each([
  ['en', [
    'every day', 'every 3 days, 5 times', 'every workday', 'every 2 weeks on Monday and Thursday, until 2026-12-31',
    'every month', 'every month on the last day', 'every month on the second Tuesday', 'every 3 months on the last Friday', 'every year',
  ]],
  ['de', [
    'jeden Tag', 'alle 3 Tage, 5-mal', 'jeden Werktag', 'alle 2 Wochen am Montag und Donnerstag, bis 2026-12-31',
    'jeden Monat', 'jeden Monat am letzten Tag', 'jeden Monat am zweiten Dienstag', 'alle 3 Monate am letzten Freitag', 'jedes Jahr',
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
