/** The days the calendar shows, from the address: `?cal=week&date=2026-11-23`. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { useSession } from '@/session/store'
import { addDays, noonOf, useFormat } from '@/shared/format'
import { addMonths, firstWeekday, isDay, monthGrid, weekOf } from './days'

export type Mode = 'month' | 'week'

/** The first day of the week: by the company's country, else by the language. */
export function useFirstWeekday() {
  const { locale } = useI18n()
  const session = useSession()
  return computed(() => {
    const country = session.who?.company.country
    return firstWeekday(country ? `${locale.value}-${country}` : locale.value)
  })
}

export function useCalendar() {
  const { locale } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const format = useFormat()
  const first = useFirstWeekday()

  const mode = computed<Mode>(() => (route.query.cal === 'week' ? 'week' : 'month'))
  const date = computed(() => (isDay(route.query.date) ? route.query.date : format.today()))
  const weeks = computed(() => (mode.value === 'week' ? [weekOf(date.value, first.value)] : monthGrid(date.value, first.value)))
  const from = computed(() => weeks.value[0]?.[0] as string)
  const to = computed(() => weeks.value.at(-1)?.at(-1) as string)

  const title = computed(() => {
    const options = { timeZone: 'UTC', month: 'long', year: 'numeric' } as const
    if (mode.value === 'month') return new Intl.DateTimeFormat(locale.value, options).format(noonOf(date.value))
    return new Intl.DateTimeFormat(locale.value, { ...options, month: 'short', day: 'numeric' }).formatRange(noonOf(from.value), noonOf(to.value))
  })

  async function show(changes: { cal?: Mode; date?: string }): Promise<void> {
    const next = { cal: mode.value, date: date.value, ...changes }
    await router.replace({
      query: {
        ...route.query,
        cal: next.cal === 'month' ? undefined : next.cal,
        date: next.date === format.today() ? undefined : next.date,
      },
    })
  }
  const step = (count: number): Promise<void> =>
    show({ date: mode.value === 'week' ? addDays(date.value, 7 * count) : addMonths(date.value, count) })

  return { mode, date, weeks, from, to, title, show, step }
}
