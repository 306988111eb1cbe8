/** Notifications over HTTP: the inbox, what one watches, and what one wants to be told of. */
import { api, body, withoutEmpty, type Schemas } from '@/api/client'
import type { LinkedType } from '@/entities'

export type Notification = Schemas['NotificationOut']
export type NotificationPage = Schemas['NotificationPage']
export type Kind = Notification['kind']
export type Watch = Schemas['WatchOut']
export type KindSetting = Schemas['KindSetting']
export type Settings = Schemas['NotificationSettingsOut']

export const KINDS: readonly Kind[] = ['mentioned', 'replied', 'assigned', 'watched', 'due']

export interface InboxQuery {
  state: 'open' | 'done'
  kind: Kind | null
}

const PAGE = 50

export function readInbox({ kind, ...query }: InboxQuery & { cursor?: string | undefined }, signal?: AbortSignal): Promise<NotificationPage> {
  const asked = withoutEmpty({ limit: PAGE, ...query, ...(kind ? { kind } : {}) }) as { limit: number; state: InboxQuery['state']; kind?: Kind; cursor?: string }
  return body(api.GET('/api/notifications', { params: { query: asked }, signal }))
}

export const countUnread = (signal?: AbortSignal): Promise<{ unread: number }> => body(api.GET('/api/notifications/count', { signal }))

export const mark = (id: number, marks: Schemas['NotificationPatch']): Promise<Notification> =>
  body(api.PATCH('/api/notifications/{notification_id}', { params: { path: { notification_id: id } }, body: marks }))

export const markAll = (marks: Schemas['NotificationMarks']): Promise<{ count: number }> => body(api.POST('/api/notifications/bulk', { body: marks }))

export function readWatch(type: LinkedType, id: number, signal?: AbortSignal): Promise<Watch> {
  switch (type) {
    case 'contact':
      return body(api.GET('/api/contacts/{contact_id}/watch', { params: { path: { contact_id: id } }, signal }))
    case 'project':
      return body(api.GET('/api/projects/{project_id}/watch', { params: { path: { project_id: id } }, signal }))
    case 'task':
      return body(api.GET('/api/tasks/{task_id}/watch', { params: { path: { task_id: id } }, signal }))
  }
}

export function changeWatch(type: LinkedType, id: number, wish: Partial<Watch>): Promise<Watch> {
  switch (type) {
    case 'contact':
      return body(api.PUT('/api/contacts/{contact_id}/watch', { params: { path: { contact_id: id } }, body: wish }))
    case 'project':
      return body(api.PUT('/api/projects/{project_id}/watch', { params: { path: { project_id: id } }, body: wish }))
    case 'task':
      return body(api.PUT('/api/tasks/{task_id}/watch', { params: { path: { task_id: id } }, body: wish }))
  }
}

export const readSettings = (signal?: AbortSignal): Promise<Settings> => body(api.GET('/api/profile/notifications', { signal }))

export const changeSettings = (kind: Kind, change: Partial<KindSetting>): Promise<Settings> =>
  body(api.PATCH('/api/profile/notifications', { body: { kinds: { [kind]: change } } }))
