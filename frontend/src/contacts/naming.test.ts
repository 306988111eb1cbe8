import { expect, test } from 'vitest'
import { addressLines, primary } from './naming'

const name = (code: string): string => ({ DE: 'Germany', US: 'United States' })[code] ?? code
const address = { label: null, street: 'Main 1', city: 'Town', region: null, postal_code: '12345', country: 'DE', is_primary: false }

test('an address is written as in its country', () => {
  expect(addressLines(address as never, name)).toEqual(['Main 1', '12345 Town', 'Germany'])
  expect(addressLines({ ...address, country: 'US', region: 'NY' } as never, name)).toEqual(['Main 1', 'Town, NY 12345', 'United States'])
  expect(addressLines({ ...address, street: null, postal_code: null, country: null } as never, name)).toEqual(['Town'])
})

test('the primary entry stands for all, otherwise the first', () => {
  expect(primary([{ is_primary: false }, { is_primary: true }])).toEqual({ is_primary: true })
  expect(primary([{ is_primary: false }])).toEqual({ is_primary: false })
  expect(primary([])).toBeUndefined()
})
