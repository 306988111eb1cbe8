import { useQuery } from '@tanstack/vue-query'
import { api, body } from '@/api/client'

/** What this installation offers to whoever is not signed in: a demo to look around in, the password rule. */
export function useWelcome() {
  return useQuery({
    queryKey: ['welcome'],
    queryFn: ({ signal }) => body(api.GET('/api/welcome', { signal })),
    staleTime: Infinity,
  })
}
