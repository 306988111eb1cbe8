/** The tags in use, most used first. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, body, type Schemas } from '@/api/client'
import { useKeys } from '@/api/keys'

export function useTags(collection: keyof Schemas['TagsOut']) {
  const keys = useKeys()
  const query = useQuery({
    queryKey: computed(() => keys.all('tags')),
    queryFn: ({ signal }) => body(api.GET('/api/tags', { signal })),
    staleTime: 60_000,
  })
  return computed(() => query.data.value?.[collection].map((tag) => tag.name) ?? [])
}
