/** Big changes, which can be undone as a whole. */
import { api, body, withoutEmpty, type Schemas } from './client'

export type Batch = Schemas['BatchItem']
export type BatchPage = Schemas['BatchPage']
/** What stays as it is when a batch is undone, and why. */
export type Kept = Schemas['UndoKept']
export type UndoOutcome = Schemas['UndoOut']

export const readBatches = (query: { limit?: number; cursor?: string | undefined }, signal?: AbortSignal): Promise<BatchPage> =>
  body(api.GET('/api/batches', { params: { query: withoutEmpty(query) as { limit?: number; cursor?: string } }, signal }))

/** Undoes the batch; a dry run only says what would happen. */
export const undoBatch = (id: number, isDryRun: boolean): Promise<UndoOutcome> =>
  body(api.POST('/api/batches/{batch_id}/undo', { params: { path: { batch_id: id }, query: isDryRun ? { dry_run: true } : {} } }))
