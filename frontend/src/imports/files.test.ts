import { expect, test } from 'vitest'
import type { RowError } from './api'
import delimiters from '../../../tests/fixtures/delimiters.json'
import { csvOfErrors, csvOfRows, fileOfText, isWorkbook, separatorOf, sizeOf } from './files'

test('a pasted text is taken for what it begins like', () => {
  expect(fileOfText('  begin:vcard\nFN:Mia').name).toBe('pasted.vcf')
  expect(fileOfText('\n[{"name": "Mia"}]').name).toBe('pasted.json')
  expect(fileOfText('Name,Mail\nMia,mia@example.org').name).toBe('pasted.csv')
})

test('workbooks are known by their ending alone', () => {
  expect(['a.XLSX', 'a.xls', 'a.ods', 'xls.csv', 'list.vcf'].map(isWorkbook)).toEqual([true, true, true, false, false])
})

const wording = { fieldOf: (error: RowError) => error.column ?? '', reasonOf: (error: RowError) => error.detail, separator: ',' }
const error: RowError = {
  row: 3,
  pointer: '/emails/0/value',
  code: 'invalid_email',
  detail: '=1+1 is no "address", sorry',
  column: 'Mail',
  value: 'x at y',
  is_imported: true,
}

test('errors are a CSV in which quotes stay and nothing is computed', () => {
  const csv = csvOfErrors([error], ['Row', 'Field', 'Value', 'What'], wording)
  expect(csv).toBe('\uFEFF"Row","Field","Value","What"\r\n"3","Mail","x at y","\'=1+1 is no ""address"", sorry"\r\n')
})

test('the rows with errors are a CSV of the original cells and a reason', () => {
  const result = { errors: [error, { ...error, column: 'Tel', detail: 'odd' }], header: ['Name', 'Mail', 'Tel'], rows: [{ row: 3, cells: ['Mia', 'x at y'] }] }
  const csv = csvOfRows(result, 'Reason', { ...wording, separator: ';' })
  expect(csv).toBe('\uFEFF"Name";"Mail";"Tel";"Reason"\r\n"Mia";"x at y";"";"Mail: =1+1 is no ""address"", sorry · Tel: odd"\r\n')
})

test.each(delimiters)('a spreadsheet of $language and $country splits at $delimiter', ({ language, country, delimiter }) => {
  expect(separatorOf(language, country)).toBe(delimiter)
})

test('sizes are told in the unit that fits', () => {
  expect(sizeOf(1_500, 'en')).toBe('1.5 kB')
  expect(sizeOf(31_000_000, 'en')).toBe('31 MB')
})
