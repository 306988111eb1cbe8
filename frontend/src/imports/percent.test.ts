import { expect, test } from 'vitest'
import { percentOf } from './percent'

test('sending fills the first part, rows the rest', () => {
  expect([0, 0.5, 1].map((sent) => percentOf(sent, 0, 1000))).toEqual([0, 8, 15])
  expect([1, 500, 1000].map((row) => percentOf(1, row, 1000))).toEqual([15, 58, 100])
})

test('a row of another file, or of a file without rows, does not overflow', () => {
  expect(percentOf(1, 5000, 1000)).toBe(100)
  expect(percentOf(1, 5, 0)).toBe(15)
})
