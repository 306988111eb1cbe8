/** Which contacts, projects and tasks were looked at last on this device: their ids, by person and company. */
import { useLocalStorage } from '@vueuse/core'
import { computed, watch } from 'vue'
import { useRoute, type RouteLocationNormalizedLoaded } from 'vue-router'
import { useSession } from '@/session/store'

export interface Visit {
  noun: 'contact' | 'project' | 'task'
  id: number
}

export const MOST_VISITS = 8
const kept = useLocalStorage<Record<string, Visit[]>>('crmtenant.visits', {})

/** The item an address shows, in the panel or as a page; null when it shows none. */
export function visitOf(route: Pick<RouteLocationNormalizedLoaded, 'path' | 'query'>): Visit | null {
  const found = /^(contact|task)-(\d+)$/.exec(String(route.query.open ?? '')) ?? /^\/(contact|project|task)s\/(\d+)(?:\/|$)/.exec(route.path)
  return found ? { noun: found[1] as Visit['noun'], id: Number(found[2]) } : null
}

/** The visits with this one first. */
export function withVisit(visits: readonly Visit[], visit: Visit): Visit[] {
  const others = visits.filter((other) => other.noun !== visit.noun || other.id !== visit.id)
  return [visit, ...others].slice(0, MOST_VISITS)
}

/** The visits of who is signed in, the last one first. */
export function useVisits() {
  const session = useSession()
  const scope = computed(() => `${session.companyId} ${session.userId}`)
  return { scope, visits: computed(() => kept.value[scope.value] ?? []) }
}

/** Nothing comes back; call once, in the shell: what is looked at from now on is remembered. */
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
