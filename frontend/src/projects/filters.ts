/** What is shown of the projects, as the address of the page says it. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Project } from '@/api/types'
import type { ProjectQuery } from './api'

export type ProjectStatus = Project['status']
export const STATUSES: readonly ProjectStatus[] = ['planned', 'active', 'on_hold', 'done', 'archived']
/** Those that are looked at every day: what is archived is out of the way. */
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

export const DEFAULTS: ProjectFilters = {
  q: '', status: 'current', owner: null, customer: null, tag: null, sort: '-updated_at', view: 'cards',
}

export function readFilters(query: LocationQuery): ProjectFilters {
  const text = (name: string): string => (typeof query[name] === 'string' ? query[name] : '')
  const oneOf = <Value extends string>(name: string, known: readonly Value[], otherwise: Value): Value =>
    known.find((value) => value === text(name)) ?? otherwise
  return {
    q: text('q'),
    status: oneOf<ProjectFilters['status']>('status', ['all', ...STATUSES], DEFAULTS.status),
    owner: /^(me|u_[a-z2-7]{26})$/.test(text('owner')) ? text('owner') : null,
    customer: /^[1-9]\d{0,14}$/.test(text('customer')) ? Number(text('customer')) : null,
    tag: text('tag') || null,
    sort: oneOf('sort', SORTS, DEFAULTS.sort),
    view: oneOf<ProjectLook>('view', ['cards', 'table'], DEFAULTS.view),
  }
}

/** The parameters for the address: only what is not as usual; undefined takes one away. */
export function writtenFilters(filters: ProjectFilters): LocationQueryRaw {
  const names = Object.keys(DEFAULTS) as (keyof ProjectFilters)[]
  return Object.fromEntries(
    names.map((name) => [name, filters[name] === DEFAULTS[name] ? undefined : String(filters[name] ?? '')]),
  )
}

/** Whether some projects are left out that are usually shown. */
export function isNarrowed(filters: ProjectFilters): boolean {
  return (['q', 'status', 'owner', 'customer', 'tag'] as const).some((name) => filters[name] !== DEFAULTS[name])
}

/** What the server is asked for; `me` is who looks. */
export function asked({ q, status, owner, customer, tag, sort }: ProjectFilters, me: string): ProjectQuery {
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
