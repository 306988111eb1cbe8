/** The items that the person opened last on this device and that still exist, with their names of today. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useKeys } from '@/api/keys'
import { LINKED_TYPES, type LinkedType } from '@/entities'
import type { Reference } from '@/shared/open'
import { readTitles } from '@/shared/titles'
import { useVisits } from './visits'

export interface RecentItem extends Reference {
  title: string
  kind: string
}

export function useRecentItems() {
  const keys = useKeys()
  const { visits } = useVisits()
  const query = useQuery({
    queryKey: computed(() => keys.list('recent', { visits: visits.value })),
    enabled: computed(() => visits.value.length > 0),
    queryFn: ({ signal }) => stillThere(visits.value, signal),
    placeholderData: (before) => before,
  })
  return { ...query, items: computed<RecentItem[]>(() => query.data.value ?? []), isEmpty: computed(() => visits.value.length === 0) }
}

async function stillThere(visits: readonly Reference[], signal: AbortSignal): Promise<RecentItem[]> {
  const perType = await Promise.all(LINKED_TYPES.map((type) => titledOf(type, visits, signal)))
  const all = perType.flat()
  return visits.flatMap((visit) => all.find((item) => item.type === visit.type && item.id === visit.id) ?? [])
}

async function titledOf(type: LinkedType, visits: readonly Reference[], signal: AbortSignal): Promise<RecentItem[]> {
  const ids = visits.filter((visit) => visit.type === type).map(({ id }) => id)
  if (ids.length === 0) return []
  const titles = await readTitles(type, { id: ids.join() }, signal)
  return titles.map((item) => ({ ...item, type }))
}
