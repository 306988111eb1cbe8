/** Names of contacts and projects that items refer to by id, looked up together and kept. */
import { useQueryClient } from '@tanstack/vue-query'
import { reactive, toValue, watchEffect, type MaybeRefOrGetter } from 'vue'
import { api, body } from '@/api/client'
import { useKeys } from '@/api/keys'

type Named = 'contacts' | 'projects'

const MOST = 200

async function namesOf(noun: Named, ids: number[]): Promise<Map<number, string>> {
  const query = { id: ids.join(','), fields: 'id,name', limit: MOST }
  const page = noun === 'contacts'
    ? await body(api.GET('/api/contacts', { params: { query } }))
    : await body(api.GET('/api/projects', { params: { query } }))
  return new Map(page.items.map((item) => [item.id as number, item.name as string]))
}

/** `nameOf(id)`: the name, or an empty text until it is known. Ids change as the page does. */
export function useNames(noun: Named, ids: MaybeRefOrGetter<(number | null | undefined)[]>) {
  const queries = useQueryClient()
  const keys = useKeys()
  const names = reactive(new Map<number, string>())
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
        queryKey: [...keys.all('names'), noun, part.join()],
        queryFn: () => namesOf(noun, part),
        staleTime: 30_000,
      })
      found.forEach((name, id) => names.set(id, name))
    } catch {
      // A name that cannot be read now is asked for again with the next change of the list.
      part.forEach((id) => asked.delete(id))
    }
  }

  return { nameOf: (id: number | null | undefined): string => (id ? (names.get(id) ?? '') : '') }
}
