/** Ids and titles of items of any type, for links and pickers. */
import { entityApi, type QueryOf } from '@/api/entityApi'
import { entityOf, type EntityType } from '@/entities'

export interface ItemTitle {
  id: number
  title: string
  kind: string
}

/** Reads id, title and kind of the items that match the query, and no other fields. */
export async function readTitles<Type extends EntityType>(type: Type, query: QueryOf<Type>, signal?: AbortSignal): Promise<ItemTitle[]> {
  const { titleField, kindField } = entityOf(type)
  const fields = ['id', titleField, ...(kindField ? [kindField] : [])]
  const page = await entityApi(type).page({ ...query, fields: fields.join() } as QueryOf<Type> & { cursor?: string }, signal)
  return page.items.map((item) => {
    const row = item as Record<string, unknown>
    return { id: Number(row.id), title: String(row[titleField]), kind: String(row[kindField ?? ''] ?? '') }
  })
}
