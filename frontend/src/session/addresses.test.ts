import { expect, test } from 'vitest'
import type { RouteLocationNormalized } from 'vue-router'
import { afterSignIn, companyOf } from './addresses'

test.each([
  ['/contacts?q=a&open=contact-4', '/contacts?q=a&open=contact-4'],
  ['https://example.com/', '/'],
  ['//example.com/', '/'],
  ['/\\example.com', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
])('after signing in with next=%j one comes to %j', (next, place) => {
  expect(afterSignIn(next === undefined ? {} : { next })).toBe(place)
})

const at = (path: string, query: object): RouteLocationNormalized => ({ path, query, hash: '' }) as unknown as RouteLocationNormalized

test('an address that names its company is the same one without the name, in that company', () => {
  expect(companyOf(at('/tasks/4', { company: 'north', tab: 'more' }))).toEqual({
    slug: 'north',
    there: { path: '/tasks/4', query: { tab: 'more' }, hash: '', replace: true },
  })
  expect(companyOf(at('/tasks/4', { tab: 'more' }))).toBeNull()
  expect(companyOf(at('/tasks/4', { company: ['north', 'south'] }))).toBeNull()
})
