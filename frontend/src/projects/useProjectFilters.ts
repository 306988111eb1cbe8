/** The filters of the projects page, kept in its address. */
import { computed } from 'vue'
import { useSession } from '@/session/store'
import { useAddressFilters } from '@/shared/addressFilters'
import { ADDRESS, toQuery, DEFAULTS } from './filters'

export function useProjectFilters() {
  const session = useSession()
  const { filters, change } = useAddressFilters(ADDRESS)
  const query = computed(() => toQuery(filters.value, session.userId))
  const clear = (): Promise<void> => change({ ...DEFAULTS, sort: filters.value.sort, view: filters.value.view })

  return { filters, query, change, clear }
}
