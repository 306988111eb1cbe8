import { api, body, type Schemas } from '@/api/client'
import type { Permission } from '@/session/store'

type TrashItem = Schemas['TrashItem']

/** Nothing comes back; the item is where it was. */
export async function restoreItem(item: TrashItem): Promise<void> {
  await RESTORE[item.type](item.id)
}

export function mayRestore(item: TrashItem, may: (permission: Permission) => boolean): boolean {
  return may(PERMISSIONS[item.type])
}

const PERMISSIONS: Record<TrashItem['type'], Permission> = {
  contact: 'contact:write',
  project: 'project:write',
  column: 'project:write',
  task: 'task:write',
  saved_view: 'view:write',
}

const RESTORE: Record<TrashItem['type'], (id: number) => Promise<unknown>> = {
  contact: (contact_id) => body(api.POST('/api/contacts/{contact_id}/restore', { params: { path: { contact_id } } })),
  project: (project_id) => body(api.POST('/api/projects/{project_id}/restore', { params: { path: { project_id } } })),
  column: (column_id) => body(api.POST('/api/columns/{column_id}/restore', { params: { path: { column_id } } })),
  task: (task_id) => body(api.POST('/api/tasks/{task_id}/restore', { params: { path: { task_id } } })),
  saved_view: (saved_view_id) => body(api.POST('/api/views/{saved_view_id}/restore', { params: { path: { saved_view_id } } })),
}
