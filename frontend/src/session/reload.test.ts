import { afterEach, expect, test, vi } from 'vitest'
import { reloadAt } from './reload'

afterEach(() => vi.unstubAllGlobals())

test.each([
  ['/tasks/4?tab=more', '/tasks/4?tab=more'],
  ['//example.com/tasks', '/'],
  ['https://example.com/', '/'],
])('a page that is to begin anew at %j does so at %j', (asked, place) => {
  const replace = vi.fn()
  vi.stubGlobal('location', { pathname: '/contacts', replace })
  void reloadAt(asked)
  expect(replace).toHaveBeenCalledWith(place)
})
