/** Formats dates, times, numbers and names in the language and time zone of the person. */
import { computed, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { currentScope } from '@/api/scope'
import { partsIn } from './zoned'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Formatters are cached: making one costs more than a hundred uses, and lists have hundreds of rows. */
const made = new Map<string, unknown>()

function kept<Formatter>(key: string, make: () => Formatter): Formatter {
  if (!made.has(key)) made.set(key, make())
  return made.get(key) as Formatter
}

/** The current calendar day in a time zone, `2026-11-23`. */
export function today(timeZone?: string): string {
  return kept(`today ${timeZone}`, () => new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })).format(new Date())
}

/** Changes when a new day begins in the company, so that a page left open overnight does not show yesterday's today. */
const dayTurned = shallowRef('')
window.setInterval(() => (dayTurned.value = today(currentScope().timeZone)), MINUTE_MS)

function currentDay(timeZone: string | undefined): string {
  void dayTurned.value
  return today(timeZone)
}

/** A calendar day as a moment for formatting: noon UTC, formatted in UTC, is that day everywhere. */
export function noonOf(day: string): Date {
  return new Date(`${day}T12:00:00Z`)
}

export function addDays(day: string, days: number): string {
  return new Date(noonOf(day).getTime() + days * DAY_MS).toISOString().slice(0, 10)
}

export function daysBetween(from: string, to: string): number {
  return Math.round((noonOf(to).getTime() - noonOf(from).getTime()) / DAY_MS)
}

/** One or two initials of a name. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s-]+/u).filter((word) => word && !word.startsWith('('))
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '')
  return letters.join('').toLocaleUpperCase()
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3_600], ['minute', 60],
]

/** The regional variant of the language that the browser prefers: `en-GB` for `en`. */
export function regional(language: string, preferred: readonly string[]): string {
  return preferred.find((other) => other.split('-')[0]?.toLowerCase() === language) ?? language
}

export function useFormat() {
  const i18n = useI18n()
  const locale = computed(() => regional(i18n.locale.value, navigator.languages))
  const timeZone = computed(() => currentScope().timeZone)

  const dayFormat = (options: Intl.DateTimeFormatOptions) =>
    computed(() =>
      kept(`${locale.value} ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', ...options })),
    )
  const short = dayFormat({ day: 'numeric', month: 'short' })
  const long = dayFormat({ day: 'numeric', month: 'short', year: 'numeric' })
  const full = dayFormat({ weekday: 'long', day: 'numeric', month: 'long' })
  const withWeekday = dayFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  const monthAndYear = dayFormat({ month: 'long', year: 'numeric' })
  const dayAndTime = computed(() =>
    [false, true].map((isOfOtherYear) =>
      kept(`${locale.value} ${timeZone.value} moment ${isOfOtherYear}`, () =>
        new Intl.DateTimeFormat(locale.value, {
          timeZone: timeZone.value, weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit',
          ...(isOfOtherYear ? { year: 'numeric' } : {}),
        })),
    ),
  )
  const moment = computed(
    () => new Intl.DateTimeFormat(locale.value, { timeZone: timeZone.value, dateStyle: 'medium', timeStyle: 'short' }),
  )
  const timeOfDay = computed(() =>
    kept(`${locale.value} ${timeZone.value} time`, () => new Intl.DateTimeFormat(locale.value, { timeZone: timeZone.value, hour: 'numeric', minute: '2-digit' })),
  )
  const relative = computed(() =>
    kept(`${locale.value} relative`, () => new Intl.RelativeTimeFormat(locale.value, { numeric: 'auto' })),
  )
  const number = computed(() => new Intl.NumberFormat(locale.value))
  const regions = computed(() => new Intl.DisplayNames(locale.value, { type: 'region' }))

  return {
    /** A calendar day; with its year unless that is the current one. */
    day: (value: string | null | undefined): string => {
      if (!value) return ''
      const format = value.slice(0, 4) === currentDay(timeZone.value).slice(0, 4) ? short : long
      return format.value.format(noonOf(value))
    },
    /** A calendar day in full, with its weekday. */
    fullDay: (value: string): string => full.value.format(noonOf(value)),
    /** A calendar day with its short weekday and its year. */
    weekdayAndDay: (value: string): string => withWeekday.value.format(noonOf(value)),
    locale: (): string => locale.value,
    /** The language with the company's country, which says how its weeks begin. */
    calendarLocale: (): string => {
      const { country } = currentScope()
      return country ? `${i18n.locale.value}-${country}` : locale.value
    },
    longDay: (value: string | null | undefined): string => (value ? long.value.format(noonOf(value)) : ''),
    /** A calendar day relative to today within six days (today, tomorrow, in 3 days); else the date. */
    nearDay: (value: string): string => {
      const distance = daysBetween(currentDay(timeZone.value), value)
      return Math.abs(distance) <= 6 ? relative.value.format(distance, 'day') : short.value.format(noonOf(value))
    },
    moment: (value: string | null | undefined): string => (value ? moment.value.format(new Date(value)) : ''),
    /** A month such as `2026-11`, in words. */
    month: (value: string): string => monthAndYear.value.format(noonOf(`${value}-01`)),
    /** A moment with its short weekday; with its year unless that is the current one. */
    dayAndTime: (value: string): string => {
      const isOfOtherYear = today(timeZone.value).slice(0, 4) !== partsIn(new Date(value), timeZone.value).day.slice(0, 4)
      return dayAndTime.value[isOfOtherYear ? 1 : 0]?.format(new Date(value)) ?? ''
    },
    /** The time of day of a moment. */
    time: (value: string): string => timeOfDay.value.format(new Date(value)),
    /** The approximate time elapsed. */
    ago: (value: string): string => {
      const seconds = (new Date(value).getTime() - Date.now()) / 1000
      const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', 1]
      return unit === 'second' ? relative.value.format(0, 'second') : relative.value.format(Math.round(seconds / size), unit)
    },
    number: (value: number): string => number.value.format(value),
    /** A number of rows, with a plus behind it where there are more than were counted. */
    total: (value: number, isLeast: boolean): string => `${number.value.format(value)}${isLeast ? '+' : ''}`,
    country: (code: string): string => {
      try {
        return regions.value.of(code) ?? code
      } catch {
        return code
      }
    },
    today: (): string => currentDay(timeZone.value),
    minutes: (value: number): string => {
      const hours = Math.floor(value / 60)
      return hours > 0 ? `${number.value.format(hours)} h${value % 60 ? ` ${value % 60} min` : ''}` : `${value} min`
    },
  }
}
