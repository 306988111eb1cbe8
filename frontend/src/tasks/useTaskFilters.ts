/** The filters of the tasks page, kept in its address. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useSession } from '@/session/store'
import { useFormat } from '@/shared/format'
import { asked, DEFAULTS, givenBy, readFilters, writtenFilters, type TaskFilters } from './filters'

export function useTaskFilters() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const format = useFormat()

  const filters = computed(() => readFilters(route.query))
  const query = computed(() => asked(filters.value, session.userId, format.today()))
  const given = computed(() => givenBy(filters.value, session.userId, format.today()))

  /** Nothing comes back; what else the address says (the open panel, the day of the calendar) stays. */
  async function change(changes: Partial<TaskFilters>): Promise<void> {
    const written = writtenFilters({ ...filters.value, ...changes })
    await router.replace({ query: { ...route.query, ...written } })
  }
  function clear(): Promise<void> {
    const { view, group, sort } = filters.value
    return change({ ...DEFAULTS, view, group, sort })
  }

  return { filters, query, given, change, clear }
}
