/** Accepted files, pasted text as a file, and errors as a file. */
import type { ImportResult, RowError } from './api'

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

/** What a table of errors calls each of them. */
export interface Wording {
  fieldOf: (error: RowError) => string
  reasonOf: (error: RowError) => string
  /** Excel splits cells at the list separator of the language, at no other. */
  separator: string
}

/** The separator of CSV files for spreadsheets in this language: a semicolon where decimals have a comma. */
export function separatorOf(locale: string): string {
  const decimal = new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === 'decimal')
  return decimal?.value === ',' ? ';' : ','
}

/** The errors as CSV for spreadsheets. */
export function csvOfErrors(errors: readonly RowError[], header: readonly string[], { fieldOf, reasonOf, separator }: Wording): string {
  const rows = errors.map((error) => [String(error.row), fieldOf(error), error.value ?? '', reasonOf(error)])
  return csvOf([header, ...rows], separator)
}

type Originals = Pick<ImportResult, 'errors' | 'header' | 'rows'>

/** The rows with errors as they are in the file, and a last column that says why; to be corrected and imported again. */
export function csvOfRows({ errors, header = [], rows = [] }: Originals, reason: string, { fieldOf, reasonOf, separator }: Wording): string {
  const reasons = new Map<number, string[]>()
  for (const error of errors) {
    reasons.set(error.row, [...(reasons.get(error.row) ?? []), [fieldOf(error), reasonOf(error)].filter(Boolean).join(': ')])
  }
  const table = rows.map(({ row, cells }) => {
    const filled = [...cells, ...Array<string>(Math.max(0, header.length - cells.length)).fill('')]
    return [...filled, (reasons.get(row) ?? []).join(' · ')]
  })
  return csvOf([[...header, reason], ...table], separator)
}

function csvOf(rows: readonly (readonly string[])[], separator: string): string {
  // The byte order mark tells Excel that it is UTF-8.
  return `\uFEFF${rows.map((row) => row.map(cell).join(separator)).join('\r\n')}\r\n`
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
