/** The people of the company, by id; those who left are known only by their id. */
import { useQuery } from '@tanstack/vue-query'
import { createSharedComposable } from '@vueuse/core'
import { computed } from 'vue'
import { api, body } from '@/api/client'
import { useKeys } from '@/api/keys'
import type { Member } from '@/api/types'
import { useSession } from '@/session/store'

/** One for the whole page: long lists show people in every row. */
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
  /** The name of a member; empty for nobody and for people who are no longer here. */
  const nameOf = (id: string | null | undefined): string => (id ? (byId.value.get(id)?.name ?? '') : '')
  return { ...query, members, byId, nameOf }
})
