/** Recently opened items on this device: their ids, by person and company. */
import { useLocalStorage } from '@vueuse/core'
import { computed, watch } from 'vue'
import { useRoute, type RouteLocationNormalizedLoaded } from 'vue-router'
import { isLinkedType, typeOf } from '@/entities'
import { useSession } from '@/session/store'
import { panelOf, type Reference } from '@/shared/open'

export const MOST_VISITS = 8
const kept = useLocalStorage<Record<string, Reference[]>>('crmtenant.visits', {})

/** The item an address shows, in the panel or as a page; null for none. */
export function visitOf(route: Pick<RouteLocationNormalizedLoaded, 'path' | 'query'>): Reference | null {
  return panelOf(route.query.open) ?? pageOf(route.path)
}

function pageOf(path: string): Reference | null {
  const [, collection = '', id] = /^\/([a-z_]+)\/(\d+)(?:\/|$)/.exec(path) ?? []
  const type = typeOf(collection)
  return type !== undefined && isLinkedType(type) ? { type, id: Number(id) } : null
}

/** The visits with this one moved to the front. */
export function withVisit(visits: readonly Reference[], visit: Reference): Reference[] {
  const others = visits.filter((other) => other.type !== visit.type || other.id !== visit.id)
  return [visit, ...others].slice(0, MOST_VISITS)
}

/** The visits of the current person, latest first. */
export function useVisits() {
  const session = useSession()
  const scope = computed(() => `${session.companyId} ${session.userId}`)
  const visits = computed(() => (kept.value[scope.value] ?? []).filter(({ type }) => isLinkedType(type)))
  return { scope, visits }
}

/** Records visits from now on; called once, in the shell. */
export function rememberVisits(): void {
  const route = useRoute()
  const { scope, visits } = useVisits()
  watch(
    () => visitOf(route),
    (visit) => {
      if (visit) kept.value = { ...kept.value, [scope.value]: withVisit(visits.value, visit) }
    },
    { immediate: true },
  )
}
