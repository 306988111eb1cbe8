/** Notifications over HTTP: the inbox, what one watches, and what one wants to be told of. */
import { api, body, withoutEmpty } from '@/api/client'
import { ENTITIES, type LinkedType } from '@/entities'

export type Kind = 'mentioned' | 'replied' | 'assigned' | 'watched' | 'due'
export type State = 'open' | 'done'
export type MailWish = 'never' | 'digest' | 'soon'

export const KINDS: readonly Kind[] = ['mentioned', 'replied', 'assigned', 'watched', 'due']

export interface Notification {
  id: number
  kind: Kind
  at: string
  /** Null where a day came. */
  by: string | null
  noun: string
  row_id: number
  /** Null where it is one of many and in the trash. */
  title: string | null
  entry_id: number | null
  excerpt: string | null
  /** How often it happened; of a batch, to how many records. */
  count: number
  is_batch: boolean
  read_at: string | null
  done_at: string | null
}

export interface NotificationPage {
  items: Notification[]
  next: string | null
  next_cursor: string | null
  unread: number
}

export interface Watch {
  is_watching: boolean
  is_muted: boolean
}

export interface KindSetting {
  shown: boolean
  mail: MailWish
}
export interface Settings {
  kinds: Record<Kind, KindSetting>
}

/** Shapes and addresses of the server, until the OpenAPI document has them. */
type Call = <Data>(path: string, options: object) => Promise<{ data?: Data; error?: unknown; response: Response }>
const client = api as unknown as Record<'GET' | 'POST' | 'PATCH' | 'PUT', Call>

export interface InboxQuery {
  state: State
  kind: Kind | null
}

export const readInbox = (query: InboxQuery & { cursor?: string | undefined }, signal?: AbortSignal): Promise<NotificationPage> =>
  body(client.GET<NotificationPage>('/api/notifications', { params: { query: withoutEmpty({ limit: 50, ...query }) }, signal }))

export const countUnread = (signal?: AbortSignal): Promise<{ unread: number }> =>
  body(client.GET<{ unread: number }>('/api/notifications/count', { signal }))

export const mark = (id: number, marks: { is_read?: boolean; is_done?: boolean }): Promise<Notification> =>
  body(client.PATCH<Notification>('/api/notifications/{notification_id}', { params: { path: { notification_id: id } }, body: marks }))

export const markAll = (marks: { done?: number[] | 'all' }): Promise<{ count: number }> =>
  body(client.POST<{ count: number }>('/api/notifications/bulk', { body: marks }))

const watchPath = (type: LinkedType): string => `/api/${ENTITIES[type].collection}/{${type}_id}/watch`

export const readWatch = (type: LinkedType, id: number, signal?: AbortSignal): Promise<Watch> =>
  body(client.GET<Watch>(watchPath(type), { params: { path: { [`${type}_id`]: id } }, signal }))

export const changeWatch = (type: LinkedType, id: number, wish: Partial<Watch>): Promise<Watch> =>
  body(client.PUT<Watch>(watchPath(type), { params: { path: { [`${type}_id`]: id } }, body: wish }))

export const readSettings = (signal?: AbortSignal): Promise<Settings> => body(client.GET<Settings>('/api/profile/notifications', { signal }))

export const changeSettings = (kind: Kind, change: Partial<KindSetting>): Promise<Settings> =>
  body(client.PATCH<Settings>('/api/profile/notifications', { body: { kinds: { [kind]: change } } }))
