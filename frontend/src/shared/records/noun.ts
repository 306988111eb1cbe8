/** What every noun's API offers to the composables below; each noun writes its calls out, typed by the document. */
import type { Answered } from '@/api/client'
import type { Noun } from '@/api/keys'

export interface Row {
  id: number
  version: number
}

export interface Page<Item> {
  items: Item[]
  next?: string | null
  total?: number | null
}

export interface BulkDone<Item> {
  created: Item[]
  updated: Item[]
  deleted: number[]
}

export interface Bulk<Draft, Patch> {
  create?: Draft[]
  update?: (Patch & { id: number })[]
  delete?: number[]
  restore?: number[]
}

export interface NounApi<Item extends Row, Draft, Patch, Query extends object> {
  noun: Noun
  page: (query: Query & { cursor?: string }, signal?: AbortSignal) => Promise<Page<Item>>
  read: (id: number, signal?: AbortSignal) => Promise<Answered<Item>>
  create: (draft: Draft) => Promise<Answered<Item>>
  change: (id: number, patch: Patch, etag?: string) => Promise<Answered<Item>>
  remove: (id: number) => Promise<void>
  restore: (id: number) => Promise<Item>
  bulk: (bulk: Bulk<Draft, Patch>) => Promise<BulkDone<Item>>
}

/** The cursor in the address of a next page. */
export function cursorOf(next: string | null | undefined): string | undefined {
  return next ? (new URL(next, window.location.origin).searchParams.get('cursor') ?? undefined) : undefined
}
