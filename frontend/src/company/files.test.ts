import { expect, it } from 'vitest'
import { sizeOf } from './files'

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [8_930_000, '8.9 MB'],
  [2_000_000_000_000_000, '2,000 TB'],
])('says %d bytes as people do', (bytes, words) => {
  expect(sizeOf(bytes, 'en')).toBe(words)
})
