import { afterEach, expect, test, vi } from 'vitest'
import { readTimeline } from './api'

afterEach(() => vi.restoreAllMocks())

test.each([
  ['contact', '/api/contacts/7/timeline?kind=call%2Cnote'],
  ['project', '/api/projects/7/timeline?kind=call%2Cnote'],
  ['task', '/api/tasks/7/timeline?kind=call%2Cnote'],
] as const)('the timeline of a %s is read at its address', async (subject, path) => {
  const page = { items: [], pinned: [], next: null, next_cursor: null }
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(Response.json(page)))
  await expect(readTimeline(subject, 7, { kind: 'call,note' })).resolves.toEqual(page)
  const [request] = asked.mock.calls[0] as [Request]
  const url = new URL(request.url)
  expect(decodeURIComponent(url.pathname + url.search)).toBe(decodeURIComponent(path))
})
