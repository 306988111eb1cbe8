import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, body } from '@/api/client'
import { useKeys } from '@/api/keys'

/** The profile of whoever is signed in, and a way to keep what the server answered to a change. */
export function useProfile() {
  const keys = useKeys()
  const queries = useQueryClient()
  const queryKey = computed(() => keys.list('profile', {}))
  const profile = useQuery({
    queryKey,
    queryFn: async ({ signal }) => await body(api.GET('/api/profile', { signal })),
  })
  return {
    profile,
    keep: (saved: unknown) => void queries.setQueryData(queryKey.value, saved),
  }
}
