import { afterEach, expect, test, vi } from 'vitest'
import { cursorOf, entityApi } from './entityApi'

const sent: Request[] = []

vi.stubGlobal('fetch', (request: Request) => {
  sent.push(request)
  return Promise.resolve(new Response('{"id": 7, "version": 2}', { status: 200, headers: { 'Content-Type': 'application/json', ETag: '"2"' } }))
})
afterEach(() => void (sent.length = 0))

const lines = (): string[] => sent.map((request) => `${request.method} ${request.url.replace(window.location.origin, '')}`)

test('each call goes to the address of its entity', async () => {
  const views = entityApi('saved_view')
  await views.page({ sort: 'name', limit: 5, cursor: '' })
  await views.read(7)
  await views.restore(7)
  await views.remove(7)
  await views.bulk({ delete: [7] })
  expect(lines()).toEqual([
    'GET /api/views?sort=name&limit=5', 'GET /api/views/7', 'POST /api/views/7/restore', 'DELETE /api/views/7', 'POST /api/views/bulk',
  ])
})

test('a change says which version it was made on, where that is known', async () => {
  const contacts = entityApi('contact')
  expect(await contacts.change(7, { phones: [] }, '"1"')).toEqual({ data: { id: 7, version: 2 }, etag: '"2"' })
  await contacts.change(7, { tags: ['a'] })
  expect(sent.map((request) => request.headers.get('If-Match'))).toEqual(['"1"', null])
  expect(await sent[1]?.json()).toEqual({ tags: ['a'] })
})

test('the next page is found by the cursor in its address', () => {
  expect(cursorOf('/api/tasks?limit=5&cursor=abc')).toBe('abc')
  expect(cursorOf(null)).toBeUndefined()
})
