/** Downloads (with progress) and uploads a company as one file. */
import { bodyWithEtag, api, type Schemas } from '@/api/client'
import { keep } from '@/api/download'
import type { paths } from '@/api/schema'
import { upload } from '@/api/upload'

export type ImportResult = Schemas['CompanyImportOut']

const IMPORT = '/api/company/import' satisfies keyof paths

/** The bytes received, and the total. */
export type OnReceived = (received: number, total: number) => void

/** Downloads the company as a file. */
export async function downloadCompany(slug: string, day: string, onReceived: OnReceived): Promise<void> {
  const pending = api.GET('/api/company/export', { parseAs: 'stream' })
  const { data } = await bodyWithEtag(pending)
  const total = Number((await pending).response.headers.get('Content-Length') ?? 0)
  const blocks: BlobPart[] = []
  let received = 0
  const reader = (data as unknown as ReadableStream<Uint8Array<ArrayBuffer>>).getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    blocks.push(part.value)
    received += part.value.length
    onReceived(received, total)
  }
  keep(new Blob(blocks, { type: 'application/zip' }), `${slug}-${day}.zip`)
}

export function importCompany(file: File, onSent: (part: number) => void): Promise<ImportResult> {
  const form = new FormData()
  form.set('file', file, file.name)
  return upload<ImportResult>({ path: IMPORT, query: {}, form, onSent })
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Formats bytes: `8.9 MB`. */
export function sizeOf(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const format = { style: 'unit', unit: UNITS[step], unitDisplay: 'short', maximumFractionDigits: step ? 1 : 0 } as const
  return new Intl.NumberFormat(locale, format).format(bytes / 1000 ** step)
}
