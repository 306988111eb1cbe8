/** Entries and timelines over HTTP. */
import { api, body, type Schemas } from '@/api/client'
import { entityApi, type QueryOf } from '@/api/entityApi'

export type EntryQuery = QueryOf<'entry'>
export type TimelineItem = Schemas['TimelineItem']
export type TimelineChange = Schemas['TimelineChange']
export type TimelinePage = Schemas['TimelinePage']
export type EntryKind = TimelineItem['entry']['kind']
/** The records that have a timeline: what entries are written on. */
export type Subject = TimelineItem['entry']['subject_type']

export interface TimelineQuery {
  limit?: number
  /** Kinds separated by commas. */
  kind?: string
  cursor?: string
}

export const entries = entityApi('entry')

/** Reads a page of the timeline of a record, newest first. Cached under `timelines`, which every write of an entry touches. */
export function readTimeline(subject: Subject, id: number, query: TimelineQuery, signal?: AbortSignal): Promise<TimelinePage> {
  switch (subject) {
    case 'contact':
      return body(api.GET('/api/contacts/{contact_id}/timeline', { params: { path: { contact_id: id }, query }, signal }))
    case 'project':
      return body(api.GET('/api/projects/{project_id}/timeline', { params: { path: { project_id: id }, query }, signal }))
    case 'task':
      return body(api.GET('/api/tasks/{task_id}/timeline', { params: { path: { task_id: id }, query }, signal }))
  }
}
