/** Accepted files, pasted text as a file, and errors as a file. */
import { sayingOf } from '@/api/saying'
import type { RowError } from './api'

export const TAKEN = '.csv,.tsv,.tab,.txt,.vcf,.vcard,.json,text/csv,text/tab-separated-values,text/vcard,application/json'

/** Whether it is a workbook, which the server cannot read. */
export function isWorkbook(name: string): boolean {
  return /\.(xlsx?|xlsm|xlsb|ods|numbers)$/i.test(name)
}

/** Pasted text as a file of the format it looks like. */
export function fileOfText(text: string): File {
  const start = text.trimStart()
  const ending = /^BEGIN:VCARD/i.test(start) ? 'vcf' : /^[[{]/.test(start) ? 'json' : 'csv'
  return new File([text], `pasted.${ending}`, { type: 'text/plain;charset=utf-8' })
}

export function sizeOf(bytes: number, locale: string): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

/** The errors as CSV for spreadsheets. */
export function csvOfErrors(errors: readonly RowError[], header: readonly string[], fieldOf: (pointer: string) => string): string {
  const rows = errors.map((error) => [String(error.row), fieldOf(error.pointer), sayingOf(error)])
  // The byte order mark tells Excel that it is UTF-8.
  return `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** A quoted cell; formulas are neutralised. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}

/** Saves the text as a file. */
export function saveAs(name: string, text: string, type: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  // Some browsers read it a moment later.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
