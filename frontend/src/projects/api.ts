/** Projects over HTTP. */
import { answered, api, body, given } from '@/api/client'
import type { paths } from '@/api/schema'
import type { Project, ProjectDraft, ProjectPatch } from '@/api/types'
import type { NounApi, Page } from '@/shared/records/noun'

export type ProjectQuery = NonNullable<paths['/api/projects']['get']['parameters']['query']>

const at = (id: number) => ({ path: { project_id: id } })

export const projects: NounApi<Project, ProjectDraft, ProjectPatch, ProjectQuery> = {
  noun: 'projects',
  page: async (query, signal) =>
    (await body(api.GET('/api/projects', { params: { query: given(query) }, signal }))) as Page<Project>,
  read: (id, signal) => answered(api.GET('/api/projects/{project_id}', { params: at(id), signal })),
  create: (draft) => answered(api.POST('/api/projects', { body: draft })),
  change: (id, patch, etag) =>
    answered(
      api.PATCH('/api/projects/{project_id}', {
        params: { ...at(id), header: etag ? { 'If-Match': etag } : {} },
        body: patch,
      }),
    ),
  remove: (id) => body(api.DELETE('/api/projects/{project_id}', { params: at(id) })),
  restore: (id) => body(api.POST('/api/projects/{project_id}/restore', { params: at(id) })),
  bulk: (bulk) => body(api.POST('/api/projects/bulk', { body: bulk })),
}
