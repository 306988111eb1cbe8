/** Contacts over HTTP. */
import { answered, api, body, given } from '@/api/client'
import type { paths } from '@/api/schema'
import type { Contact, ContactDraft, ContactPatch } from '@/api/types'
import type { NounApi, Page } from '@/shared/records/noun'

export type ContactQuery = NonNullable<paths['/api/contacts']['get']['parameters']['query']>

const at = (id: number) => ({ path: { contact_id: id } })

export const contacts: NounApi<Contact, ContactDraft, ContactPatch, ContactQuery> = {
  noun: 'contacts',
  page: async (query, signal) =>
    (await body(api.GET('/api/contacts', { params: { query: given(query) }, signal }))) as Page<Contact>,
  read: (id, signal) => answered(api.GET('/api/contacts/{contact_id}', { params: at(id), signal })),
  create: (draft) => answered(api.POST('/api/contacts', { body: draft })),
  change: (id, patch, etag) =>
    answered(
      api.PATCH('/api/contacts/{contact_id}', {
        params: { ...at(id), header: etag ? { 'If-Match': etag } : {} },
        body: patch,
      }),
    ),
  remove: (id) => body(api.DELETE('/api/contacts/{contact_id}', { params: at(id) })),
  restore: (id) => body(api.POST('/api/contacts/{contact_id}/restore', { params: at(id) })),
  bulk: (bulk) => body(api.POST('/api/contacts/bulk', { body: bulk })),
}
