import type { TableColumn } from '@/shared/table/columns'

export type ContactColumn =
  | 'name' | 'organization_id' | 'emails' | 'phones' | 'city' | 'country' | 'tags' | 'owner_id' | 'job_title' | 'source' | 'birthday'
  | 'last_touch_at' | 'updated_at' | 'created_at'

export const CONTACT_COLUMNS: readonly TableColumn<ContactColumn>[] = [
  { key: 'name', label: 'fields.name', width: 'minmax(12rem, 2fr)', sort: 'name', isFixed: true },
  { key: 'organization_id', label: 'fields.organization_id', width: 'minmax(8rem, 1.4fr)' },
  { key: 'job_title', label: 'fields.job_title', width: 'minmax(7rem, 1fr)' },
  { key: 'emails', label: 'fields.emails', width: 'minmax(10rem, 1.6fr)' },
  { key: 'phones', label: 'fields.phones', width: 'minmax(8.5rem, 1fr)' },
  { key: 'city', label: 'fields.city', width: 'minmax(6.5rem, 0.8fr)' },
  { key: 'country', label: 'fields.country', width: 'minmax(6.5rem, 0.8fr)' },
  { key: 'tags', label: 'fields.tags', width: 'minmax(7rem, 1fr)' },
  { key: 'owner_id', label: 'fields.owner_id', width: 'minmax(6.5rem, 0.8fr)' },
  { key: 'source', label: 'fields.source', width: 'minmax(6.5rem, 0.8fr)' },
  { key: 'birthday', label: 'fields.birthday', width: 'minmax(6rem, 0.6fr)' },
  { key: 'last_touch_at', label: 'fields.last_touch_at', width: 'minmax(7rem, 0.7fr)', sort: 'last_touch_at' },
  { key: 'updated_at', label: 'fields.updated_at', width: 'minmax(6rem, 0.6fr)', sort: 'updated_at' },
  { key: 'created_at', label: 'fields.created_at', width: 'minmax(6rem, 0.6fr)', sort: 'created_at' },
]

export const STANDARD_COLUMNS: readonly ContactColumn[] = ['organization_id', 'emails', 'phones', 'city', 'tags', 'owner_id', 'last_touch_at']

/** The fields the rows need. */
export const ROW_FIELDS =
  'id,version,kind,name,organization_id,job_title,emails,phones,addresses,tags,owner_id,source,birthday,last_touch_at,created_at,updated_at'
