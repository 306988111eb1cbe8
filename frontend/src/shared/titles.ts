/** Ids and titles of items of any type, for links and choices. */
import { entityApi, type QueryOf } from '@/api/entityApi'
import { entityOf, type LinkedType } from '@/entities'

export interface ItemTitle {
  id: number
  title: string
  kind: string
}

/** Those that the query lets through, with no more of them read than is shown. */
export async function readTitles<Type extends LinkedType>(type: Type, query: QueryOf<Type>, signal?: AbortSignal): Promise<ItemTitle[]> {
  const { titleField, kindField } = entityOf(type)
  const fields = ['id', titleField, ...(kindField ? [kindField] : [])]
  const page = await entityApi(type).page({ ...query, fields: fields.join() } as QueryOf<Type> & { cursor?: string }, signal)
  return page.items.map((item) => {
    const row = item as Record<string, unknown>
    return { id: Number(row.id), title: String(row[titleField]), kind: String(row[kindField ?? ''] ?? '') }
  })
}
