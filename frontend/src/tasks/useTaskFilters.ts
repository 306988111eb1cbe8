/** The filters of the tasks page, kept in its address. */
import { computed } from 'vue'
import { useSession } from '@/session/store'
import { useAddressFilters } from '@/shared/addressFilters'
import { useFormat } from '@/shared/format'
import { toQuery, DEFAULTS, defaultsFrom, readFilters, writtenFilters } from './filters'

export function useTaskFilters() {
  const session = useSession()
  const format = useFormat()
  const { filters, change } = useAddressFilters({ read: readFilters, written: writtenFilters })
  const query = computed(() => toQuery(filters.value, session.userId, format.today()))
  const defaults = computed(() => defaultsFrom(filters.value, session.selfIds[0], format.today()))

  function clear(): Promise<void> {
    const { view, group, sort } = filters.value
    return change({ ...DEFAULTS, view, group, sort })
  }

  return { filters, query, defaults, change, clear }
}
