/** The filters of the tasks page. */
import type { LocationQueryRaw } from 'vue-router'
import { isDay } from '@/planning/days'
import { addressFilters, id, oneOf, optional, priority, text } from '@/shared/addressFilters'
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
  /** The ends of a date range, each optional. */
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

const ADDRESS = addressFilters<TaskFilters>({
  assignee: { defaultValue: 'me', parse: (value) => value },
  status: oneOf(STATUSES, 'open'),
  due: oneOf(DUES, null),
  from: optional(isDay),
  to: optional(isDay),
  project: id(),
  contact: id(),
  label: optional(),
  priority: priority(),
  q: text(),
  group: oneOf(GROUPINGS, 'due'),
  sort: oneOf(SORTS, 'due_on'),
  view: oneOf<TaskFilters['view'], 'list'>(['list', 'calendar'], 'list'),
})
export const DEFAULTS = ADDRESS.defaults
export const readFilters = ADDRESS.read

/** The query parameters of the filters; a date range only where one is chosen. */
export function writtenFilters(filters: TaskFilters): LocationQueryRaw {
  return ADDRESS.written(filters.due === 'range' ? filters : { ...filters, from: null, to: null })
}

/** Whether the filters hide tasks that are usually shown. */
export const isNarrowed = (filters: TaskFilters): boolean =>
  ADDRESS.differs(filters, ['assignee', 'status', 'due', 'project', 'contact', 'label', 'priority', 'q'])

/** The API query for the filters; `me` is the current person, `today` the current day in the company. */
export function toQuery(filters: TaskFilters, me: string, today: string): TaskQuery {
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
    // Tasks that rest are found in their project, and by searching.
    ...(status === 'open' && project === null && q === '' ? { resting: false } : {}),
    sort,
  }
}

/** The API's bounds are exclusive, so the neighbouring days are sent. */
function days({ due, from, to }: TaskFilters, today: string): Pick<TaskQuery, 'due_before' | 'due_after' | 'overdue' | 'status'> {
  if (due === 'overdue') return { overdue: true, status: 'open' }
  if (due === 'today') return { due_after: addDays(today, -1), due_before: addDays(today, 1) }
  if (due === 'week') return { due_after: addDays(today, -1), due_before: addDays(today, 7) }
  if (due === 'month') return { due_after: addDays(today, -1), due_before: addDays(today, 30) }
  if (due !== 'range') return {}
  return { ...(from ? { due_after: addDays(from, -1) } : {}), ...(to ? { due_before: addDays(to, 1) } : {}) }
}

/** Values for a task added now, so that it matches the filters. */
export function defaultsFrom(filters: TaskFilters, me: string | undefined, today: string) {
  const { assignee, project, contact, label, priority, due } = filters
  return {
    assignee_ids: assignee === 'anyone' ? [] : [assignee === 'me' ? me : assignee].filter((id) => id !== undefined),
    ...(project === null ? {} : { project_id: project }),
    ...(contact === null ? {} : { contact_id: contact }),
    ...(label === null ? {} : { labels: [label] }),
    ...(priority === null ? {} : { priority }),
    ...(due === 'today' || due === 'week' || due === 'month' ? { due_on: today } : {}),
  }
}
