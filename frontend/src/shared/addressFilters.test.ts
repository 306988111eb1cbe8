import { expect, test } from 'vitest'
import { addressFilters, id, oneOf, optional, person, priority, text } from './addressFilters'

const SOMEBODY = `u_${'a'.repeat(26)}`
const address = addressFilters({ q: text(), size: oneOf(['small', 'large'], 'small'), kind: oneOf(['a', 'b'], null), owner: person('me'), item: id(), level: priority(), tag: optional() })

test('what is written is read again', () => {
  const filters = { q: 'ä b', size: 'large', kind: 'b', owner: SOMEBODY, item: 12, level: 0, tag: 'web' } as const
  expect(address.read(address.written(filters) as Record<string, string>)).toEqual(filters)
})

test('what is as usual is not mentioned', () => {
  expect(Object.values(address.written(address.defaults)).every((value) => value === undefined)).toBe(true)
  expect(address.read({})).toEqual({ q: '', size: 'small', kind: null, owner: null, item: null, level: null, tag: null })
})

test.each([
  ['size', 'huge'], ['kind', ''], ['owner', 'him'], ['item', '0'], ['item', '1.5'], ['item', '1234567890123456'], ['level', '5'], ['tag', ' '],
])('%s=%s is as if it were not there', (name, value) => expect(address.read({ [name]: value })).toEqual(address.defaults))

test('spaces around a value do not count, nor what is said a second time', () => {
  expect(address.read({ q: ' ada ', owner: 'me', level: ['3', '4'] })).toMatchObject({ q: 'ada', owner: 'me', level: 3 })
})

test('only the filters that are named make a difference', () => {
  expect(address.differs({ ...address.defaults, size: 'large' }, ['q', 'tag'])).toBe(false)
  expect(address.differs({ ...address.defaults, level: 0 }, ['level'])).toBe(true)
})
