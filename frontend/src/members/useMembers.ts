/** The members of the company, by id; former members are known only by id. */
import { useQuery } from '@tanstack/vue-query'
import { createSharedComposable } from '@vueuse/core'
import { computed } from 'vue'
import { api, body } from '@/api/client'
import { useKeys } from '@/api/keys'
import type { Member } from '@/api/types'
import { useSession } from '@/session/store'

/** Shared by the whole page, because long lists show people in every row. */
export const useMembers = createSharedComposable(() => {
  const keys = useKeys()
  const session = useSession()
  const query = useQuery({
    queryKey: computed(() => keys.list('members', {})),
    enabled: computed(() => session.isSignedIn),
    queryFn: async ({ signal }) => (await body(api.GET('/api/members', { signal }))).items,
    staleTime: 60_000,
  })
  const members = computed<Member[]>(() => query.data.value ?? [])
  const byId = computed(() => new Map(members.value.map((member) => [member.id, member])))
  /** The name of a member; empty for nobody and for former members. */
  const nameOf = (id: string | null | undefined): string => (id ? (byId.value.get(id)?.name ?? '') : '')
  return { ...query, members, byId, nameOf }
})
