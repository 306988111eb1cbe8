/** The history of a record: whose is shown, and its pages over HTTP. */
import { shallowRef } from 'vue'
import { api, body, withoutEmpty, type Schemas } from '@/api/client'
import { ENTITIES, type EntityType } from '@/entities'

export type HistoryLine = Schemas['HistoryLine']
export type HistoryPage = Schemas['HistoryOut']

export interface HistoryOf {
  type: EntityType
  id: number
  title: string
}

export const shownHistory = shallowRef<HistoryOf | null>(null)

export function showHistory(type: EntityType, id: number, title: string): void {
  shownHistory.value = { type, id, title }
}

/** The client, for a path composed here: all types have the same history. */
type Read = (path: string, options: object) => Promise<{ data?: HistoryPage; error?: unknown; response: Response }>
const read = api.GET as unknown as Read

export function readHistory({ type, id }: Pick<HistoryOf, 'type' | 'id'>, cursor: string | undefined, signal?: AbortSignal): Promise<HistoryPage> {
  const params = { path: { [`${type}_id`]: id }, query: withoutEmpty({ limit: 50, cursor }) }
  return body(read(`/api/${ENTITIES[type].collection}/{${type}_id}/history`, { params, signal }))
}
