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

/** Written with a decimal point, and yet with semicolons between values. */
const SEMICOLON_ANYWAY = ['CH', 'LI']

/** The separator of CSV files for spreadsheets in this language and country: a semicolon where decimals have a comma. The
 * server decides alike for its exports (`delimiter_for`). */
export function separatorOf(language?: string | null, country?: string | null): string {
  const locale = localeOf(language, country)
  if (!locale) return ','
  const decimal = new Intl.NumberFormat(locale.toString(), { numberingSystem: 'latn' }).formatToParts(1.5).find((part) => part.type === 'decimal')
  return decimal?.value === ',' || SEMICOLON_ANYWAY.includes(locale.region ?? '') ? ';' : ','
}

/** The language as it is written in the country; else what the country speaks, for spreadsheets go by the region; else the
 * language. */
function localeOf(language?: string | null, country?: string | null): Intl.Locale | null {
  const spoken = (language || 'und').replaceAll('_', '-')
  const base = spoken.split('-')[0] ?? spoken
  const names = [...(country ? [`${base}-${country}`, `und-${country}`] : []), spoken, base]
  return names.map(knownAs).find((locale) => locale !== null) ?? null
}

/** The locale of this name as the browser has it, or null; of `und`, the likeliest language. */
function knownAs(name: string): Intl.Locale | null {
  try {
    const wanted = name.startsWith('und-') ? new Intl.Locale(name).maximize() : new Intl.Locale(name)
    const bare = new Intl.Locale(wanted.language, { region: wanted.region })
    return new Intl.NumberFormat(bare.toString()).resolvedOptions().locale === bare.toString() ? bare : null
  } catch {
    return null
  }
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
