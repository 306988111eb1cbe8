/** Tasks over HTTP. */
import { answered, api, body, given, type Schemas } from '@/api/client'
import type { paths } from '@/api/schema'
import type { Task, TaskDraft, TaskPatch } from '@/api/types'
import type { NounApi, Page } from '@/shared/records/noun'

export type TaskQuery = NonNullable<paths['/api/tasks']['get']['parameters']['query']>

const at = (id: number) => ({ path: { task_id: id } })

export const tasks: NounApi<Task, TaskDraft, TaskPatch, TaskQuery> = {
  noun: 'tasks',
  page: async (query, signal) =>
    (await body(api.GET('/api/tasks', { params: { query: given(query) }, signal }))) as Page<Task>,
  read: (id, signal) => answered(api.GET('/api/tasks/{task_id}', { params: at(id), signal })),
  create: (draft) => answered(api.POST('/api/tasks', { body: draft })),
  change: (id, patch, etag) =>
    answered(
      api.PATCH('/api/tasks/{task_id}', {
        params: { ...at(id), header: etag ? { 'If-Match': etag } : {} },
        body: patch,
      }),
    ),
  remove: (id) => body(api.DELETE('/api/tasks/{task_id}', { params: at(id) })),
  restore: (id) => body(api.POST('/api/tasks/{task_id}/restore', { params: at(id) })),
  bulk: (bulk) => body(api.POST('/api/tasks/bulk', { body: bulk })),
}

export const taskActions = {
  complete: (id: number): Promise<Task> => body(api.POST('/api/tasks/{task_id}/complete', { params: at(id) })),
  reopen: (id: number): Promise<Task> => body(api.POST('/api/tasks/{task_id}/reopen', { params: at(id) })),
  move: (id: number, target: Schemas['TaskMove']): Promise<Task> =>
    body(api.POST('/api/tasks/{task_id}/move', { params: at(id), body: target })),
}
