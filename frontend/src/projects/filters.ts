/** The filters of the projects page. */
import type { Project } from '@/api/types'
import { addressFilters, id, oneOf, optional, person, text } from '@/shared/addressFilters'
import type { ProjectQuery } from './api'

export type ProjectStatus = Project['status']
export const STATUSES: readonly ProjectStatus[] = ['planned', 'active', 'on_hold', 'done', 'archived']
/** All but archived projects. */
const CURRENT = STATUSES.filter((status) => status !== 'archived')
export const SORTS = ['-updated_at', 'name', 'due_on', 'status', '-created_at'] as const
export type ProjectSort = (typeof SORTS)[number]
export type ProjectLook = 'cards' | 'table'

export interface ProjectFilters {
  q: string
  status: ProjectStatus | 'current' | 'all'
  /** A person's id, `me`, or null for anybody. */
  owner: string | null
  customer: number | null
  tag: string | null
  sort: ProjectSort
  view: ProjectLook
}

export const ADDRESS = addressFilters<ProjectFilters>({
  q: text(),
  status: oneOf<ProjectFilters['status'], 'current'>(['all', ...STATUSES], 'current'),
  owner: person('me'),
  customer: id(),
  tag: optional(),
  sort: oneOf(SORTS, '-updated_at'),
  view: oneOf<ProjectLook, 'cards'>(['cards', 'table'], 'cards'),
})
export const DEFAULTS = ADDRESS.defaults

/** Whether the filters hide projects that are usually shown. */
export const isNarrowed = (filters: ProjectFilters): boolean => ADDRESS.differs(filters, ['q', 'status', 'owner', 'customer', 'tag'])

/** The API query for the filters; `me` is the current person. */
export function toQuery({ q, status, owner, customer, tag, sort }: ProjectFilters, me: string): ProjectQuery {
  const statuses: readonly string[] = status === 'all' ? [] : status === 'current' ? CURRENT : [status]
  return {
    ...(q ? { q } : {}),
    ...(statuses.length ? { status: statuses.join() } : {}),
    ...(owner ? { owner_id: owner === 'me' ? me : owner } : {}),
    ...(customer ? { contact_id: customer } : {}),
    ...(tag ? { tag } : {}),
    sort,
    limit: 60,
    count: true,
  }
}
