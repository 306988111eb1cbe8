/** Month and week grids of calendar days (`2026-11-23`), without time zones. */
import { addDays, daysBetween, noonOf } from '@/shared/format'

export const DAYS_IN_WEEK = 7

/** Regions whose week begins on a Sunday or a Saturday (CLDR); everywhere else it begins on a Monday. */
const SUNDAY_REGIONS =
  'AG AS AU BD BR BS BT BW BZ CA CN CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW'
const SATURDAY_REGIONS = 'AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY'

/** The first day of the week in a locale: 0 for Sunday, 1 for Monday, 6 for Saturday. */
export function firstWeekday(locale: string): number {
  const region = new Intl.Locale(locale).maximize().region ?? ''
  if (SUNDAY_REGIONS.split(' ').includes(region)) return 0
  return SATURDAY_REGIONS.split(' ').includes(region) ? 6 : 1
}

export function weekday(day: string): number {
  return noonOf(day).getUTCDay()
}

export function isWeekend(day: string): boolean {
  return [0, 6].includes(weekday(day))
}

export function startOfWeek(day: string, first: number): string {
  return addDays(day, -((weekday(day) - first + DAYS_IN_WEEK) % DAYS_IN_WEEK))
}

export function startOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`
}

export function daysInMonth(day: string): number {
  const [year, month] = day.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** The same day in another month, clamped to its last day. */
export function addMonths(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const first = new Date(Date.UTC(year, month - 1 + months, 1, 12)).toISOString().slice(0, 10)
  return addDays(first, Math.min(date, daysInMonth(first)) - 1)
}

/** The weeks of the month of that day; days of the neighbouring months fill the ends. */
export function monthGrid(day: string, first: number): string[][] {
  const from = startOfWeek(startOfMonth(day), first)
  const last = addDays(startOfMonth(day), daysInMonth(day) - 1)
  const weeks = Math.ceil((daysBetween(from, last) + 1) / DAYS_IN_WEEK)
  return Array.from({ length: weeks }, (_, week) => weekOf(addDays(from, week * DAYS_IN_WEEK), first))
}

export function weekOf(day: string, first: number): string[] {
  const from = startOfWeek(day, first)
  return Array.from({ length: DAYS_IN_WEEK }, (_, index) => addDays(from, index))
}

export function isDay(text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(noonOf(text).getTime())
    && noonOf(text).toISOString().startsWith(text)
}
