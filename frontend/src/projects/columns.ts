/** The columns of boards over HTTP. */
import { answered, api, body, given } from '@/api/client'
import type { paths } from '@/api/schema'
import type { Column, ColumnDraft, ColumnPatch } from '@/api/types'
import type { NounApi, Page } from '@/shared/records/noun'

export type ColumnQuery = NonNullable<paths['/api/columns']['get']['parameters']['query']>

const at = (id: number) => ({ path: { column_id: id } })

export const columns: NounApi<Column, ColumnDraft, ColumnPatch, ColumnQuery> = {
  noun: 'columns',
  page: async (query, signal) =>
    (await body(api.GET('/api/columns', { params: { query: given(query) }, signal }))) as Page<Column>,
  read: (id, signal) => answered(api.GET('/api/columns/{column_id}', { params: at(id), signal })),
  create: (draft) => answered(api.POST('/api/columns', { body: draft })),
  change: (id, patch, etag) =>
    answered(
      api.PATCH('/api/columns/{column_id}', {
        params: { ...at(id), header: etag ? { 'If-Match': etag } : {} },
        body: patch,
      }),
    ),
  remove: (id) => body(api.DELETE('/api/columns/{column_id}', { params: at(id) })),
  restore: (id) => body(api.POST('/api/columns/{column_id}/restore', { params: at(id) })),
  bulk: (bulk) => body(api.POST('/api/columns/bulk', { body: bulk })),
}
