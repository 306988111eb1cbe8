/** Search results and recently opened items. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, body, type Schemas } from '@/api/client'
import { useKeys } from '@/api/keys'
import { ENTITIES, iconOf, itemPath } from '@/entities'
import { useOpen } from '@/shared/open'
import type { Entry, Group } from './entries'
import { useRecentItems } from './useRecentItems'

type Found = Schemas['Found']

const EACH = 6

function useEntryOf() {
  const router = useRouter()
  const { open } = useOpen()
  return (found: Pick<Found, 'noun' | 'id' | 'title' | 'kind' | 'subtitle'>, group: Group): Entry => ({
    key: `${group}-${found.noun}-${found.id}`,
    group,
    icon: iconOf(found.noun, found.kind),
    title: found.title,
    subtitle: found.subtitle ?? undefined,
    run: (isFull) => (isFull ? router.push(itemPath(found.noun, found.id)) : open(found.noun, found.id)),
  })
}

/** The search as a query and as entries. Disabled without words. */
export function useFound(words: Ref<string>) {
  const keys = useKeys()
  const entryOf = useEntryOf()
  const query = useQuery({
    queryKey: computed(() => keys.list('search', { q: words.value })),
    enabled: computed(() => words.value !== ''),
    queryFn: ({ signal }) => body(api.GET('/api/search', { params: { query: { q: words.value, limit: EACH } }, signal })),
    placeholderData: (before) => before,
  })
  const entries = computed(() =>
    words.value === '' ? [] : (query.data.value?.items ?? []).map((found) => entryOf(found, ENTITIES[found.noun].collection)),
  )
  return { query, entries }
}

/** Recently opened items that still exist, as entries. */
export function useRecent() {
  const { t } = useI18n()
  const entryOf = useEntryOf()
  const { items } = useRecentItems()
  return computed(() => items.value.map((item) => entryOf({ ...item, noun: item.type, subtitle: t(`${ENTITIES[item.type].collection}.one`) }, 'recent')))
}
