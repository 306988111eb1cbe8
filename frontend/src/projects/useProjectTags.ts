/** The tags of projects, most used first. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, body } from '@/api/client'
import { useKeys } from '@/api/keys'

export function useProjectTags() {
  const keys = useKeys()
  const query = useQuery({
    queryKey: computed(() => keys.list('tags', {})),
    queryFn: ({ signal }) => body(api.GET('/api/tags', { signal })),
    staleTime: 60_000,
  })
  return computed(() => query.data.value?.projects.map((tag) => tag.name) ?? [])
}
