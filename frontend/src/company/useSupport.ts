/** Support access to the company: who granted it, who came, who is there. */
import { useQuery } from '@tanstack/vue-query'
import { createSharedComposable } from '@vueuse/core'
import { computed } from 'vue'
import { api, body, type Schemas } from '@/api/client'
import { useKeys } from '@/api/keys'
import { useSession } from '@/session/store'

export type SupportGrant = Schemas['SupportGrantOut']

const LOOK_MS = 60_000

export const useSupport = createSharedComposable(() => {
  const keys = useKeys()
  const session = useSession()
  const query = useQuery({
    queryKey: computed(() => keys.list('support', {})),
    enabled: computed(() => session.isSignedIn),
    queryFn: async ({ signal }) => (await body(api.GET('/api/company/support', { signal }))).items,
    staleTime: LOOK_MS / 2,
    refetchInterval: LOOK_MS,
  })
  const grants = computed<SupportGrant[]>(() => query.data.value ?? [])
  const open = computed(() => grants.value.find((grant) => grant.is_open && grant.granted_by) ?? null)
  const nameById = computed(() => new Map(grants.value.flatMap(({ visits }) => visits.map(({ id, name }) => [id, name] as const))))
  /** The visits going on, with the grants they are under. */
  const present = computed(() => grants.value.flatMap((grant) => grant.visits.filter((visit) => visit.is_there).map((visit) => ({ grant, visit }))))
  return { query, grants, open, nameById, present }
})
