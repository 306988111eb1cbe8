/** Recurrence rules (RFC 5545) that the page can edit; any other is left as it is. */
import { weekday } from '@/planning/days'

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export type Weekday = (typeof WEEKDAYS)[number]
export type Frequency = 'daily' | 'weekly' | 'monthly' | 'yearly'

/** The largest numbers the server accepts. */
export const LARGEST_INTERVAL = 1000
export const LARGEST_COUNT = 10_000

const WORKDAYS: readonly Weekday[] = ['MO', 'TU', 'WE', 'TH', 'FR']

/**
 * The day of a monthly rule: that of the task's date, the last one, the nth (-1: last) of a weekday, or a day by its
 * number, with its month in a yearly rule. A month without that day has its last one instead.
 */
export type MonthDay = 'same' | 'last' | NthWeekday | { day: number; month?: number }
export interface NthWeekday {
  nth: number
  weekday: Weekday
}

export interface Rule {
  frequency: Frequency
  interval: number
  /** Of a weekly rule; empty for the weekday of the task's date. */
  weekdays: Weekday[]
  monthDay: MonthDay
  until: string | null
  count: number | null
}

export const DAILY: Rule = { frequency: 'daily', interval: 1, weekdays: [], monthDay: 'same', until: null, count: null }

export function isEveryWorkday(rule: Rule): boolean {
  return rule.frequency === 'weekly' && rule.interval === 1 && rule.weekdays.length === WORKDAYS.length
    && WORKDAYS.every((day) => rule.weekdays.includes(day))
}

/** Parses a rule; null where the page has no fields for it. */
export function readRule(text: string): Rule | null {
  const parts = new Map(text.trim().toUpperCase().replace(/^RRULE:/, '').split(';').filter(Boolean).map(pair))
  const frequency = parts.get('FREQ')?.toLowerCase()
  if (!isFrequency(frequency)) return null
  const rule: Rule = {
    ...DAILY,
    frequency,
    interval: Number(parts.get('INTERVAL') ?? 1),
    until: untilDay(parts.get('UNTIL')),
    count: parts.has('COUNT') ? Number(parts.get('COUNT')) : null,
  }
  for (const name of ['FREQ', 'INTERVAL', 'UNTIL', 'COUNT', 'WKST']) parts.delete(name)
  return withDays(rule, parts)
}

function pair(part: string): [string, string] {
  const [name, value] = part.split('=')
  return [name ?? '', value ?? '']
}

function isFrequency(text: string | undefined): text is Frequency {
  return text === 'daily' || text === 'weekly' || text === 'monthly' || text === 'yearly'
}

function untilDay(text: string | undefined): string | null {
  return text ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}` : null
}

function withDays(rule: Rule, parts: ReadonlyMap<string, string>): Rule | null {
  if (parts.size === 0) return rule
  if (rule.frequency === 'yearly') return withDate(rule, parts)
  if (parts.size > 1) return null
  const byDay = parts.get('BYDAY')
  if (rule.frequency === 'weekly' && byDay !== undefined) {
    const days = byDay.split(',')
    return days.every(isWeekday) ? { ...rule, weekdays: WEEKDAYS.filter((day) => days.includes(day)) } : null
  }
  if (rule.frequency !== 'monthly') return null
  if (parts.get('BYMONTHDAY') === '-1') return { ...rule, monthDay: 'last' }
  if (isNumber(parts.get('BYMONTHDAY'))) return { ...rule, monthDay: { day: Number(parts.get('BYMONTHDAY')) } }
  const found = /^\+?(-1|[1-5])(MO|TU|WE|TH|FR|SA|SU)$/.exec(byDay ?? '')
  return found ? { ...rule, monthDay: { nth: Number(found[1]), weekday: found[2] as Weekday } } : null
}

/** A yearly rule on one date. */
function withDate(rule: Rule, parts: ReadonlyMap<string, string>): Rule | null {
  const [month, day] = [parts.get('BYMONTH'), parts.get('BYMONTHDAY')]
  if (parts.size > 2 || !isNumber(month) || !isNumber(day)) return null
  return { ...rule, monthDay: { day: Number(day), month: Number(month) } }
}

const isNumber = (text: string | undefined): boolean => /^[0-9]{1,2}$/.test(text ?? '')

export const isNth = (monthDay: MonthDay): monthDay is NthWeekday => typeof monthDay === 'object' && 'nth' in monthDay

/** Whether some months, or years, have no such day, and have the last one of that month instead. */
export function isShortened(rule: Rule, day: string): boolean {
  const named = typeof rule.monthDay === 'object' && 'day' in rule.monthDay ? rule.monthDay : null
  const number = named?.day ?? Number(day.slice(8))
  if (rule.frequency === 'monthly') return (rule.monthDay === 'same' || named !== null) && number > 28
  return rule.frequency === 'yearly' && number > 28 && (named?.month ?? Number(day.slice(5, 7))) === 2
}

function isWeekday(text: string): text is Weekday {
  return (WEEKDAYS as readonly string[]).includes(text)
}

export function writeRule(rule: Rule): string {
  const parts = [`FREQ=${rule.frequency.toUpperCase()}`]
  if (rule.interval > 1) parts.push(`INTERVAL=${rule.interval}`)
  if (rule.count !== null) parts.push(`COUNT=${rule.count}`)
  else if (rule.until !== null) parts.push(`UNTIL=${rule.until.replaceAll('-', '')}`)
  if (rule.frequency === 'monthly' && rule.monthDay === 'last') parts.push('BYMONTHDAY=-1')
  if (rule.frequency === 'monthly' && isNth(rule.monthDay)) parts.push(`BYDAY=${rule.monthDay.nth}${rule.monthDay.weekday}`)
  else if (typeof rule.monthDay === 'object' && 'day' in rule.monthDay) parts.push(...dateParts(rule.frequency, rule.monthDay))
  if (rule.frequency === 'weekly' && rule.weekdays.length > 0) parts.push(`BYDAY=${rule.weekdays.join(',')}`)
  return parts.join(';')
}

function dateParts(frequency: Frequency, { day, month }: { day: number; month?: number }): string[] {
  if (frequency === 'monthly') return [`BYMONTHDAY=${day}`]
  return frequency === 'yearly' && month !== undefined ? [`BYMONTH=${month}`, `BYMONTHDAY=${day}`] : []
}

export const everyWorkday = (): Rule => ({ ...DAILY, frequency: 'weekly', weekdays: [...WORKDAYS] })

/** The weekday of a day and its ordinal within the month, -1 for the fifth (the last) one. */
export function nthOfMonth(day: string): { nth: number; weekday: Weekday } {
  const nth = Math.ceil(Number(day.slice(8)) / 7)
  return { nth: nth === 5 ? -1 : nth, weekday: weekdayOf(day) }
}

export function weekdayOf(day: string): Weekday {
  return WEEKDAYS[(weekday(day) + 6) % 7] as Weekday
}
