import { expect, test } from 'vitest'
import { stepOf } from './steps'

const file = new File([], 'a.csv')
const preview = { format: 'csv', rows: 0, columns: [], fields: [], contacts: [], errors: [], is_header_assumed: false } as const
const known = { file, preview: { ...preview, columns: [], fields: [], contacts: [], errors: [] }, result: null }

test('an address of a later step begins at the file when there is none, as after a reload', () => {
  expect(stepOf('check', { file: null, preview: null, result: null })).toBe('file')
  expect(stepOf('columns', { file, preview: null, result: null })).toBe('file')
})

test('with a file that was read one may go on and back', () => {
  expect(stepOf('check', known)).toBe('check')
  expect(stepOf('columns', known)).toBe('columns')
  expect(stepOf(undefined, known)).toBe('file')
})

test('what is imported cannot be imported again by going back', () => {
  const result = { created: 1, updated: 0, skipped: 0, errors: [], batch_id: 1 }
  expect(stepOf('check', { ...known, result })).toBe('done')
})
