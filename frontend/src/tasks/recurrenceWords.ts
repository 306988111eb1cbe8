/** Recurrence rules in words. */
import { useI18n } from 'vue-i18n'
import { addDays, useFormat } from '@/shared/format'
import { isEveryWorkday, isNth, readRule, WEEKDAYS, type Rule, type Weekday } from './recurrence'

interface Words {
  /** Translates a key, with a count or values. */
  t: (key: string, values: number | Record<string, unknown>) => string
  locale: string
  day: (day: string) => string
}

const A_LEAP_YEAR = 2028
/** A Monday. */
const MONDAY = '2026-11-23'

export function weekdayName(day: Weekday, locale: string, style: 'long' | 'short' | 'narrow' = 'long'): string {
  const date = new Date(`${addDays(MONDAY, WEEKDAYS.indexOf(day))}T12:00:00Z`)
  return new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' }).format(date)
}

/** A rule in words; the rule itself where the page has none. */
export function ruleInWords(text: string, words: Words): string {
  const rule = readRule(text)
  if (rule === null) return text
  return [rhythm(rule, words), ending(rule, words)].filter(Boolean).join(', ')
}

function rhythm(rule: Rule, words: Words): string {
  const { t } = words
  if (isEveryWorkday(rule)) return t('tasks.rule_workdays', {})
  const every = t(`tasks.rule_${rule.frequency}`, rule.interval)
  const on = dayOf(rule, words)
  return on ? `${every} ${on}` : every
}

function dayOf(rule: Rule, { t, locale }: Words): string {
  if (rule.frequency === 'weekly' && rule.weekdays.length > 0) {
    const names = rule.weekdays.map((day) => weekdayName(day, locale, rule.weekdays.length > 2 ? 'short' : 'long'))
    return t('tasks.rule_on', { days: new Intl.ListFormat(locale).format(names) })
  }
  if (typeof rule.monthDay === 'object' && 'day' in rule.monthDay) return dateOf(rule.monthDay, { t, locale })
  if (rule.frequency !== 'monthly' || rule.monthDay === 'same') return ''
  if (rule.monthDay === 'last' || !isNth(rule.monthDay)) return t('tasks.rule_last_day', {})
  const name = weekdayName(rule.monthDay.weekday, locale)
  return t(rule.monthDay.nth === -1 ? 'tasks.rule_last_weekday' : 'tasks.rule_nth_weekday', {
    nth: rule.monthDay.nth === -1 ? '' : t(`tasks.nth_${rule.monthDay.nth}`, {}),
    weekday: name,
  })
}

/** A day of the month, or a date of the year, and what stands for it in shorter months. */
function dateOf({ day, month }: { day: number; month?: number }, { t, locale }: Pick<Words, 't' | 'locale'>): string {
  if (month === undefined) return t(day > 28 ? 'tasks.rule_month_day_or_last' : 'tasks.rule_month_day', { day })
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(
    new Date(`${A_LEAP_YEAR}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T12:00:00Z`),
  )
  return t(month === 2 && day > 28 ? 'tasks.rule_leap_day' : 'tasks.rule_date', { date })
}

function ending(rule: Rule, { t, day }: Words): string {
  if (rule.count !== null) return t('tasks.rule_count', rule.count)
  return rule.until === null ? '' : t('tasks.rule_until', { day: day(rule.until) })
}

/** Returns `inWords(rule)` in the current language. */
export function useRuleWords() {
  const { t, locale } = useI18n()
  const format = useFormat()
  const say: Words['t'] = (key, values) => (typeof values === 'number' ? t(key, values) : t(key, values))
  return { inWords: (text: string): string => ruleInWords(text, { t: say, locale: locale.value, day: format.longDay }) }
}
