import { beforeEach, expect, test } from 'vitest'
import { minutesSince, rememberDialled, takeDialled } from './dialled'

const NOW = 1_800_000_000_000
const DIALLED = { scope: 'c_1 u_a', contactId: 7, at: NOW }

beforeEach(() => {
  sessionStorage.clear()
  rememberDialled(DIALLED)
})

test('whoever was called is asked about once', () => {
  expect(takeDialled('c_1 u_a', 7, NOW + 1_000)).toEqual(DIALLED)
  expect(takeDialled('c_1 u_a', 7, NOW + 1_000)).toBeNull()
})

test('other contacts, those of other companies, and those whom others called were not called', () => {
  expect(takeDialled('c_1 u_a', 8, NOW)).toBeNull()
  expect(takeDialled('c_2 u_a', 7, NOW)).toBeNull()
  expect(takeDialled('c_1 u_b', 7, NOW)).toBeNull()
  expect(takeDialled('c_1 u_a', 7, NOW)).not.toBeNull()
})

test('hours later nobody comes back from a call', () => expect(takeDialled('c_1 u_a', 7, NOW + 3 * 3_600_000)).toBeNull())

test('a call takes at least a minute', () => expect([5_000, 12 * 60_000].map((after) => minutesSince(DIALLED, NOW + after))).toEqual([1, 12]))
