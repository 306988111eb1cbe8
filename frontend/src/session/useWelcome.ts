import { useQuery } from '@tanstack/vue-query'
import { api, body } from '@/api/client'

/** What the installation offers before sign-in: a demo, and the password rule. */
export function useWelcome() {
  return useQuery({
    queryKey: ['welcome'],
    queryFn: ({ signal }) => body(api.GET('/api/welcome', { signal })),
    staleTime: Infinity,
  })
}
