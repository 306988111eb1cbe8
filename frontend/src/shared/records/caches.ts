/** Updates the cached data of a collection in place: its items and every list that contains them. */
import type { InfiniteData, QueryClient } from '@tanstack/vue-query'
import type { Key } from '@/api/keys'
import type { Page, Row } from '@/api/entityApi'

type Listed = InfiniteData<Page<Row>> | Page<Row>
export type Snapshot = [Key, unknown][]

export function snapshot(queries: QueryClient, all: Key): Snapshot {
  return queries.getQueriesData({ queryKey: all }) as Snapshot
}

export function rollBack(queries: QueryClient, kept: Snapshot): void {
  for (const [key, data] of kept) queries.setQueryData(key, data)
}

/** Replaces the items with these ids wherever they are cached by what `changed` returns, or removes them where that is null. */
export function changeEverywhere<Item extends Row>(
  queries: QueryClient,
  all: Key,
  ids: ReadonlySet<number>,
  changed: (item: Item) => Item | null,
): void {
  for (const [key, data] of queries.getQueriesData({ queryKey: all })) {
    const next = changedData(data, ids, changed as unknown as (item: Row) => Row | null)
    if (next !== data) queries.setQueryData(key, next)
  }
}

function changedData(data: unknown, ids: ReadonlySet<number>, changed: (item: Row) => Row | null): unknown {
  if (isPages(data)) return { ...data, pages: data.pages.map((page) => changedPage(page, ids, changed)) }
  if (isPage(data)) return changedPage(data, ids, changed)
  if (isRow(data) && ids.has(data.id)) return changed(data) ?? data
  return data
}

function changedPage(page: Page<Row>, ids: ReadonlySet<number>, changed: (item: Row) => Row | null): Page<Row> {
  if (!page.items.some((item) => ids.has(item.id))) return page
  const items = page.items.flatMap((item) => (ids.has(item.id) ? (changed(item) ?? []) : item))
  const gone = page.items.length - items.length
  return { ...page, items, total: typeof page.total === 'number' ? page.total - gone : page.total }
}

function isPages(data: unknown): data is InfiniteData<Page<Row>> {
  return typeof data === 'object' && data !== null && Array.isArray((data as Listed & { pages?: unknown }).pages)
}

function isPage(data: unknown): data is Page<Row> {
  return typeof data === 'object' && data !== null && Array.isArray((data as Listed & { items?: unknown }).items)
}

function isRow(data: unknown): data is Row {
  return typeof data === 'object' && data !== null && typeof (data as { id?: unknown }).id === 'number'
}
