import { expect, test } from 'vitest'
import { afterSignIn } from './where'

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
