import { expect, test } from 'vitest'
import { csvOfErrors, fileOfText, isWorkbook, sizeOf } from './files'

test('a pasted text is taken for what it begins like', () => {
  expect(fileOfText('  begin:vcard\nFN:Mia').name).toBe('pasted.vcf')
  expect(fileOfText('\n[{"name": "Mia"}]').name).toBe('pasted.json')
  expect(fileOfText('Name,Mail\nMia,mia@example.org').name).toBe('pasted.csv')
})

test('workbooks are known by their ending alone', () => {
  expect(['a.XLSX', 'a.xls', 'a.ods', 'xls.csv', 'list.vcf'].map(isWorkbook)).toEqual([true, true, true, false, false])
})

test('errors are a CSV in which quotes stay and nothing is computed', () => {
  const errors = [{ row: 3, pointer: '/emails/0/value', code: 'invalid_email', detail: '=1+1 is no "address", sorry' }]
  const csv = csvOfErrors(errors, ['Row', 'Field', 'What'], (pointer) => pointer.slice(1))
  expect(csv).toBe('\uFEFF"Row","Field","What"\r\n"3","emails/0/value","\'=1+1 is no ""address"", sorry"\r\n')
})

test('sizes are told in the unit that fits', () => {
  expect(sizeOf(1_500, 'en')).toBe('1.5 kB')
  expect(sizeOf(31_000_000, 'en')).toBe('31 MB')
})
