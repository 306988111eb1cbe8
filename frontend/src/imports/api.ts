/** Contact imports over HTTP: preview, dry run, import. */
import { api, body, type Schemas } from '@/api/client'
import type { paths } from '@/api/schema'
import { upload, type Upload } from '@/api/upload'

export type Preview = Schemas['ContactPreviewOut']
export type PreviewColumn = Schemas['PreviewColumn']
export type PreviewContact = Preview['contacts'][number]
export type ImportResult = Schemas['ContactImportOut']
export type RowError = Schemas['ImportFault']
export type RowDecision = Schemas['ImportDecision']
export type Notice = Schemas['ImportNotice']
export type OnDuplicate = 'update' | 'skip' | 'create'

/** Column names (or numbers, without a header) to field paths; null ignores a column. */
export type Mapping = Record<string, string | null>

type Sending = Pick<Upload, 'onSent' | 'signal'>

const PREVIEW = '/api/contacts/preview' satisfies keyof paths
const IMPORT = '/api/contacts/import' satisfies keyof paths

function formOf(file: File, mapping: Mapping): FormData {
  const form = new FormData()
  form.set('file', file, file.name)
  if (Object.keys(mapping).length > 0) form.set('mapping', JSON.stringify(mapping))
  return form
}

export function previewOf(file: File, mapping: Mapping, sending: Sending): Promise<Preview> {
  return upload<Preview>({ path: PREVIEW, query: {}, form: formOf(file, mapping), ...sending })
}

export interface Order {
  file: File
  mapping: Mapping
  onDuplicate: OnDuplicate
  isDryRun: boolean
  /** Whether the rows with errors are to come back as they are in the file. */
  withRows?: boolean
}

export function importFile({ file, mapping, onDuplicate, isDryRun, withRows }: Order, sending: Sending): Promise<ImportResult> {
  const query = { on_duplicate: onDuplicate, dry_run: isDryRun ? 'true' : undefined, rows: withRows ? 'true' : undefined }
  return upload<ImportResult>({ path: IMPORT, query, form: formOf(file, mapping), ...sending })
}

/** Returns the row that the company's running trial or import has come to; null when there is none. */
export async function runningRow(): Promise<number | null> {
  return (await body(api.GET('/api/contacts/running-import'))).row
}

/** Calls off the company's running trial or import, which fails with 409 `import_called_off`. */
export async function callOffImport(): Promise<void> {
  await body(api.DELETE('/api/contacts/running-import'))
}
