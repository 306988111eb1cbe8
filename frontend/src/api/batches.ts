/** Big changes, which can be undone as a whole. */
import { api, body, withoutEmpty } from './client'
import type { Page } from './entityApi'

/** Shapes and addresses of the server, until the OpenAPI document has them. */
type Call = <Data>(path: string, options: object) => Promise<{ data?: Data; error?: unknown; response: Response }>
const client = api as unknown as Record<'GET' | 'POST', Call>

export interface Batch {
  id: number
  kind: string
  at: string
  by: string
  noun: string
  summary: { created?: number; changed?: number; removed?: number; restored?: number; title?: string | null }
  undone_at: string | null
  undone_by: string | null
  can_undo: boolean
  kept_until: string
}

/** What stays as it is when a batch is undone, and why. */
export interface Kept {
  noun: string
  id: number
  title: string
  fields: string[]
  reason: 'changed_since' | 'gone' | 'in_use'
  by: string | null
  at: string | null
}

export interface UndoOutcome {
  batch: Batch | null
  restored: number
  partly: number
  kept: Kept[]
  kept_count: number
}

export const readBatches = (query: { limit: number; cursor?: string }, signal?: AbortSignal): Promise<Page<Batch>> =>
  body(client.GET<Page<Batch>>('/api/batches', { params: { query: withoutEmpty(query) }, signal }))

/** Undoes the batch; a dry run only says what would happen. */
export const undoBatch = (id: number, isDryRun: boolean): Promise<UndoOutcome> =>
  body(client.POST<UndoOutcome>('/api/batches/{batch_id}/undo', { params: { path: { batch_id: id }, query: isDryRun ? { dry_run: true } : {} } }))
