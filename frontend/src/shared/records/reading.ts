/** Queries for one item, a short list, or a long list read page by page. */
import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useKeys } from '@/api/keys'
import { rememberEtag } from './etags'
import { cursorOf, type EntityApi, type Row } from '@/api/entityApi'

/** Queries the item; disabled while the id is null. */
export function useItem<Item extends Row, D, P, Q extends object>(
  entity: EntityApi<Item, D, P, Q>,
  id: MaybeRefOrGetter<number | null>,
) {
  const keys = useKeys()
  return useQuery({
    queryKey: computed(() => keys.item(entity.collection, toValue(id) ?? 0)),
    enabled: computed(() => toValue(id) !== null),
    queryFn: async ({ signal }) => {
      const { data, etag } = await entity.read(toValue(id) ?? 0, signal)
      rememberEtag(entity.collection, data, etag)
      return data
    },
  })
}

/** Queries one page of items: `data.items`, `data.total`. For lists that fit on a page (up to 1,000). */
export function useList<Item extends Row, D, P, Q extends object>(
  entity: EntityApi<Item, D, P, Q>,
  query: MaybeRefOrGetter<Q | null>,
) {
  const keys = useKeys()
  return useQuery({
    queryKey: computed(() => keys.list(entity.collection, toValue(query) ?? {})),
    enabled: computed(() => toValue(query) !== null),
    queryFn: ({ signal }) => entity.page(toValue(query) ?? ({} as Q), signal),
    placeholderData: (before) => before,
  })
}

/** Queries a long list: `items` read so far, `total` where the query counts (`isTotalLeast`: there are more), `more()` reads the next page. */
export function usePages<Item extends Row, D, P, Q extends object>(
  entity: EntityApi<Item, D, P, Q>,
  query: MaybeRefOrGetter<Q>,
) {
  const keys = useKeys()
  const pages = useInfiniteQuery({
    queryKey: computed(() => keys.list(entity.collection, { ...toValue(query), paged: true })),
    queryFn: ({ pageParam, signal }) =>
      entity.page({ ...toValue(query), ...(pageParam === undefined ? {} : { cursor: pageParam }) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
    placeholderData: (before) => before,
  })
  const items = computed<Item[]>(() => pages.data.value?.pages.flatMap((page) => page.items) ?? [])
  const total = computed(() => pages.data.value?.pages[0]?.total ?? null)
  const isTotalLeast = computed(() => pages.data.value?.pages[0]?.total_is_least === true)
  async function more(): Promise<void> {
    if (pages.hasNextPage.value && !pages.isFetchingNextPage.value) await pages.fetchNextPage()
  }
  return { ...pages, items, total, isTotalLeast, more }
}
