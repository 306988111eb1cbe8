/** Names of items that others refer to by id, fetched in batches and cached. */
import { useQueryClient } from '@tanstack/vue-query'
import { reactive, toValue, watchEffect, type MaybeRefOrGetter } from 'vue'
import { useKeys } from '@/api/keys'
import type { EntityType } from '@/entities'
import { readTitles } from './titles'

const MOST = 200

/** `nameOf(id)` returns the name, or an empty string until it is known; `isMissing(id)` whether there is no such item any more. */
export function useNames(type: EntityType, ids: MaybeRefOrGetter<(number | null | undefined)[]>) {
  const queries = useQueryClient()
  const keys = useKeys()
  const names = reactive(new Map<number, string>())
  const missing = reactive(new Set<number>())
  const asked = new Set<number>()

  watchEffect(() => {
    const wanted = new Set(toValue(ids).filter((id): id is number => typeof id === 'number' && !asked.has(id)))
    const all = [...wanted].sort((a, b) => a - b)
    for (let start = 0; start < all.length; start += MOST) void look(all.slice(start, start + MOST))
  })

  async function look(part: number[]): Promise<void> {
    part.forEach((id) => asked.add(id))
    try {
      const found = await queries.fetchQuery({
        queryKey: [...keys.all('names'), type, part.join()],
        queryFn: () => readTitles(type, { id: part.join(), limit: MOST }),
        staleTime: 30_000,
      })
      for (const { id, title } of found) names.set(id, title)
      part.filter((id) => !names.has(id)).forEach((id) => missing.add(id))
    } catch {
      // Retried with the next change of the list.
      part.forEach((id) => asked.delete(id))
    }
  }

  return {
    nameOf: (id: number | null | undefined): string => (id ? (names.get(id) ?? '') : ''),
    isMissing: (id: number): boolean => missing.has(id),
  }
}
