/** The typed API of an entity, derived from its declaration and the OpenAPI document. */
import { ENTITIES, type CollectionOf, type EntityType } from '@/entities'
import { batchMade, bodyWithEtag, api, body, withoutEmpty, type WithEtag } from './client'
import type { paths } from './schema'

export interface Row {
  id: number
  version: number
}

export interface Page<Item> {
  items: Item[]
  next: string | null
  next_cursor: string | null
  total?: number | null
  total_is_least?: boolean
}

export interface BulkDone<Item> {
  created: Item[]
  updated: Item[]
  deleted: number[]
  /** For undoing it. */
  batch_id?: number | null
}

export interface Bulk<Draft, Patch> {
  create?: Draft[]
  update?: (Patch & { id: number })[]
  delete?: number[]
  restore?: number[]
}

export interface EntityApi<Item extends Row, Draft, Patch, Query extends object> {
  collection: string
  /** Collections whose items are trashed and restored along with an item. */
  cascade: readonly string[]
  /** Other cached reads that a change may affect. */
  touches: readonly string[]
  page: (query: Query & { cursor?: string }, signal?: AbortSignal) => Promise<Page<Item>>
  read: (id: number, signal?: AbortSignal) => Promise<WithEtag<Item>>
  create: (draft: Draft) => Promise<WithEtag<Item>>
  change: (id: number, patch: Patch, etag?: string) => Promise<WithEtag<Item>>
  /** Returns the batch, where something went along. */
  remove: (id: number) => Promise<number | null>
  restore: (id: number) => Promise<Item>
  bulk: (bulk: Bulk<Draft, Patch>) => Promise<BulkDone<Item>>
}

type ListPath<Type extends EntityType> = `/api/${CollectionOf<Type>}`
type ItemPath<Type extends EntityType> = `${ListPath<Type>}/{${Type}_id}`
type Operation<Path, Method extends string> = Path extends keyof paths ? (paths[Path] extends Record<Method, infer Found> ? Found : never) : never
type JsonOf<Content> = Content extends { content: { 'application/json': infer Body } } ? Body : never
type Sent<Operation> = Operation extends { requestBody: infer Body } ? JsonOf<Body> : never
type Returned<Operation> = Operation extends { responses: { 200: infer Answer } } ? JsonOf<Answer> : never

export type ItemOf<Type extends EntityType> = Returned<Operation<ItemPath<Type>, 'get'>>
export type DraftOf<Type extends EntityType> = Sent<Operation<ListPath<Type>, 'post'>>
export type PatchOf<Type extends EntityType> = Sent<Operation<ItemPath<Type>, 'patch'>>
/** A list's query. `fields` is described in words only, for items read with it lack the other fields. */
export type QueryOf<Type extends EntityType> = NonNullable<paths[ListPath<Type>]['get']['parameters']['query']> & { fields?: string }

interface CallOptions {
  params?: { query?: object; path?: Record<string, number>; header?: Record<string, string> }
  body?: unknown
  signal?: AbortSignal
}
type Call = <Data>(path: string, options: CallOptions) => Promise<{ data?: Data; error?: unknown; response: Response }>

/**
 * The client, for paths composed here. TypeScript cannot resolve a path that depends on a type parameter against the
 * client's overloads; the types above ensure that paths and bodies belong together.
 */
const client = api as unknown as Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Call>

export function entityApi<Type extends EntityType>(
  type: Type,
): EntityApi<ItemOf<Type>, DraftOf<Type>, PatchOf<Type>, QueryOf<Type>> {
  type Item = ItemOf<Type>
  const { collection, cascade, touches } = ENTITIES[type]
  const list = `/api/${collection}`
  const item = `${list}/{${type}_id}`
  const at = (id: number) => ({ path: { [`${type}_id`]: id } })
  return {
    collection,
    cascade,
    touches,
    page: (query, signal) => body(client.GET<Page<Item>>(list, { params: { query: withoutEmpty(query) }, signal })),
    read: (id, signal) => bodyWithEtag(client.GET<Item>(item, { params: at(id), signal })),
    create: (draft) => bodyWithEtag(client.POST<Item>(list, { body: draft })),
    change: (id, patch, etag) =>
      bodyWithEtag(client.PATCH<Item>(item, { params: { ...at(id), header: etag ? { 'If-Match': etag } : {} }, body: patch })),
    remove: (id) => batchMade(client.DELETE<void>(item, { params: at(id) })),
    restore: (id) => body(client.POST<Item>(`${item}/restore`, { params: at(id) })),
    bulk: (bulk) => body(client.POST<BulkDone<Item>>(`${list}/bulk`, { body: bulk })),
  }
}

/** The cursor in the URL of the next page. */
export function cursorOf(next: string | null | undefined): string | undefined {
  return next ? (new URL(next, window.location.origin).searchParams.get('cursor') ?? undefined) : undefined
}
