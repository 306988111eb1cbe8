/** What the tasks page shows, as its address says it. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { isDay } from '@/planning/days'
import { addDays } from '@/shared/format'
import type { TaskQuery } from './api'

export const GROUPINGS = ['due', 'project', 'priority', 'assignee', 'none'] as const
export type Grouping = (typeof GROUPINGS)[number]
export const SORTS = ['due_on', '-priority', 'title', '-updated_at', '-created_at'] as const
export type Sort = (typeof SORTS)[number]
export const DUES = ['overdue', 'today', 'week', 'month', 'range'] as const
export type Due = (typeof DUES)[number]
export const STATUSES = ['open', 'done', 'all'] as const
export type Status = (typeof STATUSES)[number]

export interface TaskFilters {
  /** `me`, `anyone`, or the id of a person. */
  assignee: string
  status: Status
  due: Due | null
  /** The days of a range, each may be missing. */
  from: string | null
  to: string | null
  project: number | null
  contact: number | null
  label: string | null
  priority: number | null
  q: string
  group: Grouping
  sort: Sort
  view: 'list' | 'calendar'
}

export const DEFAULTS: TaskFilters = {
  assignee: 'me', status: 'open', due: null, from: null, to: null, project: null, contact: null, label: null,
  priority: null, q: '', group: 'due', sort: 'due_on', view: 'list',
}

/** The filters in an address; whatever it says that makes no sense is as if it were not there. */
export function readFilters(query: LocationQuery): TaskFilters {
  const text = (name: string): string => String([query[name]].flat()[0] ?? '').trim()
  const oneOf = <Value extends string, Other>(name: string, values: readonly Value[], other: Other): Value | Other =>
    values.find((value) => value === text(name)) ?? other
  const id = (name: string): number | null => (/^[1-9]\d{0,15}$/.test(text(name)) ? Number(text(name)) : null)
  const day = (name: string): string | null => (isDay(text(name)) ? text(name) : null)
  return {
    assignee: text('assignee') || DEFAULTS.assignee,
    status: oneOf('status', STATUSES, DEFAULTS.status),
    due: oneOf('due', DUES, null),
    from: day('from'),
    to: day('to'),
    project: id('project'),
    contact: id('contact'),
    label: text('label') || null,
    priority: /^[0-4]$/.test(text('priority')) ? Number(text('priority')) : null,
    q: text('q'),
    group: oneOf('group', GROUPINGS, DEFAULTS.group),
    sort: oneOf('sort', SORTS, DEFAULTS.sort),
    view: oneOf('view', ['list', 'calendar'] as const, DEFAULTS.view),
  }
}

/** The address' query of the filters; what is as usual is not mentioned. */
export function writtenFilters(filters: TaskFilters): LocationQueryRaw {
  const usual = DEFAULTS as unknown as Record<string, unknown>
  const isRange = filters.due === 'range'
  const told = { ...filters, from: isRange ? filters.from : null, to: isRange ? filters.to : null }
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, value === usual[name] || value === null ? undefined : String(value)]),
  )
}

/** Whether they leave anything out that the page shows as a rule. */
export function isNarrowed(filters: TaskFilters): boolean {
  const { assignee, status, due, project, contact, label, priority, q } = filters
  return assignee !== 'me' || status !== 'open' || due !== null || project !== null || contact !== null
    || label !== null || priority !== null || q !== ''
}

/** What the server is asked for; `me` is who looks, `today` the day it is there. */
export function asked(filters: TaskFilters, me: string, today: string): TaskQuery {
  const { assignee, status, project, contact, label, priority, q, sort } = filters
  return {
    ...(assignee === 'anyone' ? {} : { assignee_id: assignee === 'me' ? me : assignee }),
    ...(status === 'all' ? {} : { status }),
    ...(project === null ? {} : { project_id: project }),
    ...(contact === null ? {} : { contact_id: contact }),
    ...(label === null ? {} : { label }),
    ...(priority === null ? {} : { priority }),
    ...(q === '' ? {} : { q }),
    ...days(filters, today),
    sort,
  }
}

/** Both ends are left out by the server: a range that includes its days is asked for by their neighbours. */
function days({ due, from, to }: TaskFilters, today: string): Pick<TaskQuery, 'due_before' | 'due_after' | 'status'> {
  if (due === 'overdue') return { due_before: today, status: 'open' }
  if (due === 'today') return { due_after: addDays(today, -1), due_before: addDays(today, 1) }
  if (due === 'week') return { due_after: addDays(today, -1), due_before: addDays(today, 7) }
  if (due === 'month') return { due_after: addDays(today, -1), due_before: addDays(today, 30) }
  if (due !== 'range') return {}
  return { ...(from ? { due_after: addDays(from, -1) } : {}), ...(to ? { due_before: addDays(to, 1) } : {}) }
}

/** What a task added here is given, so that it is shown here. */
export function givenBy(filters: TaskFilters, me: string, today: string) {
  const { assignee, project, contact, label, priority, due } = filters
  return {
    assignee_ids: assignee === 'anyone' ? [] : [assignee === 'me' ? me : assignee],
    ...(project === null ? {} : { project_id: project }),
    ...(contact === null ? {} : { contact_id: contact }),
    ...(label === null ? {} : { labels: [label] }),
    ...(priority === null ? {} : { priority }),
    ...(due === 'today' || due === 'week' || due === 'month' ? { due_on: today } : {}),
  }
}
