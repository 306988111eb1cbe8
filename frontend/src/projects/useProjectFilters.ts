/** The filters of the projects page, kept in its address. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useSession } from '@/session/store'
import { asked, DEFAULTS, readFilters, writtenFilters, type ProjectFilters } from './filters'

export function useProjectFilters() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const filters = computed(() => readFilters(route.query))
  const query = computed(() => asked(filters.value, session.userId))

  /** Nothing comes back; what else the address says stays. */
  async function change(changes: Partial<ProjectFilters>): Promise<void> {
    await router.replace({ query: { ...route.query, ...writtenFilters({ ...filters.value, ...changes }) } })
  }
  const clear = (): Promise<void> => change({ ...DEFAULTS, sort: filters.value.sort, view: filters.value.view })

  return { filters, query, change, clear }
}
