/** The timeline of a record, read page by page from the newest on. */
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useKeys } from '@/api/keys'
import { readTimeline, type EntryKind, type Subject } from './api'

export function useTimeline(subject: () => Subject, id: () => number, kind: () => EntryKind | null, limit: () => number) {
  const keys = useKeys()
  const asked = () => ({ limit: limit(), ...(kind() ? { kind: kind() as string } : {}) })
  const pages = useInfiniteQuery({
    queryKey: computed(() => keys.list('timelines', { subject: subject(), id: id(), ...asked() })),
    queryFn: ({ pageParam, signal }) => readTimeline(subject(), id(), { ...asked(), ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })
  const items = computed(() => pages.data.value?.pages.flatMap((page) => page.items) ?? [])
  const pinned = computed(() => pages.data.value?.pages[0]?.pinned ?? [])
  return { ...pages, items, pinned }
}
