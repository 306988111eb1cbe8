/** Reads a day as people write it: `24.12.`, `24 Dec 2026`, `12/24`, `tomorrow`, `nächsten Montag`, `+3`, `in 2 weeks`. */
import { addDays, noonOf } from '@/shared/format'
import { folded } from '@/shared/text'

export interface Reading {
  today: string
  /** Whether the month comes first in `4/3`. */
  isMonthFirst: boolean
  languages: readonly string[]
}

type Parts = [year: number, month: number, day: number]

const WORDS: Record<string, number> = {
  today: 0, tod: 0, heute: 0, tomorrow: 1, tom: 1, tmr: 1, morgen: 1, 'day after tomorrow': 2, ubermorgen: 2, uebermorgen: 2, yesterday: -1, gestern: -1,
}
const DISTANCE = /^(?:\+|in )\s*(\d{1,3})\s*(?:(d|t)\w*|(w)\w*|(m)\w*|(y|j)\w*)?$/
const WEEKDAY = /^(?:(?:next|this|on|am|nachste[mnrs]?|naechste[mnrs]?|kommende[mnrs]?|diese[mnrs]?) )?([a-z]{2,})\.?$/
const DAY_MONTH = /^(\d{1,2})(?:\.|st|nd|rd|th)? ?(?:of )?([a-z]{3,})\.?,? ?(\d{2}|\d{4})?$/
const MONTH_DAY = /^([a-z]{3,})\.? (\d{1,2})(?:\.|st|nd|rd|th)?,? ?(\d{2}|\d{4})?$/
const NUMBERS = /^(\d{1,4})(?:([./\- ]+)(\d{1,2})(?:[./\- ]+(\d{1,4})?)?)?$/

/** The day that is meant; null where none is. A day without a year is the next one. */
export function parseDay(text: string, reading: Reading): string | null {
  const asked = folded(text).trim().replace(/\s+/gu, ' ')
  const distance = WORDS[asked]
  if (distance !== undefined) return addDays(reading.today, distance)
  return byDistance(asked, reading) ?? byWeekday(asked, reading) ?? byMonthName(asked, reading) ?? byNumbers(asked, reading)
}

function byDistance(asked: string, { today }: Reading): string | null {
  const found = DISTANCE.exec(asked)
  if (!found) return null
  const count = Number(found[1])
  const [year, month, day] = partsOf(today)
  if (found[3]) return addDays(today, 7 * count)
  if (found[4]) return clamped([year, month + count, day])
  return found[5] ? clamped([year + count, month, day]) : addDays(today, count)
}

function byWeekday(asked: string, { today, languages }: Reading): string | null {
  const name = WEEKDAY.exec(asked)?.[1]
  const weekday = name === undefined ? -1 : numberOf(name, languages, weekdayNames)
  return weekday < 0 ? null : nextWeekday(today, weekday)
}

function byMonthName(asked: string, { today, languages }: Reading): string | null {
  const [, name = '', day = '', year] = MONTH_DAY.exec(asked) ?? reordered(DAY_MONTH.exec(asked)) ?? []
  const month = name ? numberOf(name, languages, monthNames) : -1
  return month < 0 ? null : withYear(month + 1, Number(day), year, today)
}

const reordered = (found: RegExpExecArray | null): (string | undefined)[] | null => found && [found[0], found[2], found[1], found[3]]

function byNumbers(asked: string, { today, isMonthFirst }: Reading): string | null {
  const [, one = '', separator = '', two, three] = NUMBERS.exec(asked) ?? []
  if (one === '') return null
  if (two === undefined) return one.length > 2 ? null : nextOfMonth(Number(one), today)
  if (one.length === 4) return three === undefined ? null : written([Number(one), Number(two), Number(three)])
  if (one.length > 2) return null
  const isSwapped = isMonthFirst && separator.includes('/')
  const [day, month] = isSwapped ? [two, one] : [one, two]
  return withYear(Number(month), Number(day), three, today)
}

function withYear(month: number, day: number, year: string | undefined, today: string): string | null {
  const now = Number(today.slice(0, 4))
  if (year === undefined) return [now, now + 1, now + 2, now + 3, now + 4].map((one) => written([one, month, day])).find((one) => one !== null && one >= today) ?? null
  if (year.length === 3 || year.length === 1) return null
  const century = Number(year) > (now % 100) + 20 ? 1900 : 2000
  return written([year.length === 2 ? century + Number(year) : Number(year), month, day])
}

function nextOfMonth(day: number, today: string): string | null {
  const [year, month] = partsOf(today)
  return [0, 1, 2].map((later) => written(normal([year, month + later, day]))).find((one) => one !== null && one >= today) ?? null
}

/** The first such weekday after today; 0 is Sunday. */
export function nextWeekday(today: string, weekday: number): string {
  return addDays(today, ((weekday - noonOf(today).getUTCDay() + 6) % 7) + 1)
}

const partsOf = (day: string): Parts => day.split('-').map(Number) as Parts
const normal = ([year, month, day]: Parts): Parts => [year + Math.floor((month - 1) / 12), ((month - 1) % 12) + 1, day]

/** The day in that month; the last one where the month is shorter. */
function clamped(parts: Parts): string | null {
  const [year, month, day] = normal(parts)
  return [day, 30, 29, 28].map((one) => written([year, month, Math.min(one, day)])).find((one) => one !== null) ?? null
}

function written([year, month, day]: Parts): string | null {
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > 31) return null
  const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return new Date(`${text}T12:00:00Z`).toISOString().startsWith(text) ? text : null
}

function numberOf(name: string, languages: readonly string[], namesIn: (language: string) => string[]): number {
  for (const language of languages) {
    const found = namesIn(language).findIndex((known) => known.startsWith(name))
    if (found >= 0) return found
  }
  return -1
}

const names = (language: string, options: Intl.DateTimeFormatOptions, moments: Date[]): string[] => {
  const format = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' })
  return moments.map((moment) => folded(format.format(moment)))
}
/** From Sunday on. */
export const weekdayNames = (language: string): string[] =>
  names(language, { weekday: 'long' }, [4, 5, 6, 7, 8, 9, 10].map((day) => new Date(Date.UTC(2026, 0, day, 12))))
const monthNames = (language: string): string[] =>
  names(language, { month: 'long' }, Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2026, month, 5, 12))))

/** Whether the language writes the month before the day. */
export function isMonthFirst(locale: string): boolean {
  const parts = new Intl.DateTimeFormat(locale).formatToParts(new Date(Date.UTC(2026, 11, 24)))
  return parts.findIndex((part) => part.type === 'month') < parts.findIndex((part) => part.type === 'day')
}
