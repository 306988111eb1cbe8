/** Saved views over HTTP. */
import { answered, api, body, given } from '@/api/client'
import type { paths } from '@/api/schema'
import type { SavedView, SavedViewDraft, SavedViewPatch } from '@/api/types'
import type { NounApi, Page } from '@/shared/records/noun'

export type SavedViewQuery = NonNullable<paths['/api/views']['get']['parameters']['query']>

const at = (id: number) => ({ path: { saved_view_id: id } })

export const savedViews: NounApi<SavedView, SavedViewDraft, SavedViewPatch, SavedViewQuery> = {
  noun: 'views',
  page: async (query, signal) =>
    (await body(api.GET('/api/views', { params: { query: given(query) }, signal }))) as Page<SavedView>,
  read: (id, signal) => answered(api.GET('/api/views/{saved_view_id}', { params: at(id), signal })),
  create: (draft) => answered(api.POST('/api/views', { body: draft })),
  change: (id, patch, etag) =>
    answered(
      api.PATCH('/api/views/{saved_view_id}', {
        params: { ...at(id), header: etag ? { 'If-Match': etag } : {} },
        body: patch,
      }),
    ),
  remove: (id) => body(api.DELETE('/api/views/{saved_view_id}', { params: at(id) })),
  restore: (id) => body(api.POST('/api/views/{saved_view_id}/restore', { params: at(id) })),
  bulk: (bulk) => body(api.POST('/api/views/bulk', { body: bulk })),
}
