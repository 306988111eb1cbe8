import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import { ApiProblem } from '@/api/problem'
import { provideScope } from '@/api/scope'
import { currentConflict } from './conflicts'
import { useRecords } from './changing'
import { rememberEtag } from './etags'
import type { EntityApi } from '@/api/entityApi'

interface Thing {
  id: number
  version: number
  name: string
  updated_by?: string
}
type Patch = Partial<Pick<Thing, 'name'>>

const done = vi.fn<(title: string, undo?: () => Promise<unknown>) => void>()
const failed = vi.fn<(error: unknown) => void>()
vi.mock('@/shared/notices', () => ({ useNotices: () => ({ done, failed }) }))
provideScope({ companyId: 'c_1', timeZone: undefined })

const KEY = ['c_1', 'things', 'item', 1]
const before: Thing = { id: 1, version: 1, name: 'one' }
const refused = (status: number, rest: object = {}): ApiProblem => new ApiProblem(status, { detail: 'no', ...rest })

let queries: QueryClient
let things: EntityApi<Thing, Patch, Patch, object>

beforeEach(() => {
  vi.clearAllMocks()
  currentConflict.value = null
  queries = new QueryClient()
  queries.setQueryData(KEY, before)
  const unused = () => Promise.reject(new Error('not expected'))
  things = {
    collection: 'things',
    cascade: [],
    touches: [],
    page: unused,
    read: vi.fn(unused),
    create: unused,
    change: vi.fn((id: number, patch: Patch) => Promise.resolve({ data: { id, version: 2, name: patch.name ?? '' }, etag: '"2"' })),
    remove: vi.fn(() => Promise.resolve()),
    restore: vi.fn(() => Promise.resolve(before)),
    bulk: unused,
  }
})

function records() {
  let made: ReturnType<typeof useRecords<Thing, Patch, Patch, object>> | undefined
  const Host = defineComponent({
    setup() {
      made = useRecords(things)
      return () => h('div')
    },
  })
  mount(Host, { global: { plugins: [createPinia(), [VueQueryPlugin, { queryClient: queries }]] } })
  if (!made) throw new Error('not mounted')
  return made
}

test('a change shows at once, then as the server has it, and says which version it was made on', async () => {
  rememberEtag('things', before, '"1"')
  const pending = records().change(before, { name: 'ONE' })
  expect(queries.getQueryData(KEY)).toMatchObject({ name: 'ONE', version: 1 })
  expect(await pending).toBe(true)
  expect(queries.getQueryData(KEY)).toMatchObject({ name: 'ONE', version: 2 })
  expect(things.change).toHaveBeenCalledWith(1, { name: 'ONE' }, '"1"')
})

test('a refused value is rolled back and thrown for the field to show', async () => {
  vi.mocked(things.change).mockRejectedValueOnce(refused(422, { errors: [{ pointer: '/name', code: 'x', detail: 'too long' }] }))
  await expect(records().change(before, { name: '' })).rejects.toMatchObject({ status: 422 })
  expect(queries.getQueryData(KEY)).toEqual(before)
  expect(failed).not.toHaveBeenCalled()
})

test('any other refusal is rolled back and told', async () => {
  vi.mocked(things.change).mockRejectedValueOnce(refused(503))
  expect(await records().change(before, { name: 'ONE' })).toBe(false)
  expect(queries.getQueryData(KEY)).toEqual(before)
  expect(failed).toHaveBeenCalledOnce()
})

test.each([
  ['mine', 'ONE', true],
  ['theirs', 'of somebody else', false],
] as const)('of two versions %s stays when the person says so', async (choice, name, isMine) => {
  const theirs: Thing = { id: 1, version: 5, name: 'of somebody else', updated_by: 'u_2' }
  vi.mocked(things.change).mockRejectedValueOnce(refused(412, { current: theirs }))
  vi.mocked(things.read).mockResolvedValueOnce({ data: theirs, etag: '"5"' })
  const pending = records().change(before, { name: 'ONE' })
  await flushPromises()
  expect(currentConflict.value).toMatchObject({ changedBy: 'u_2', fields: [{ name: 'name', mine: 'ONE', theirs: 'of somebody else' }] })
  currentConflict.value?.decide(choice)
  expect(await pending).toBe(true)
  expect(queries.getQueryData(KEY)).toMatchObject({ name })
  expect(things.change).toHaveBeenCalledTimes(isMine ? 2 : 1)
  if (isMine) expect(things.change).toHaveBeenLastCalledWith(1, { name: 'ONE' }, '"5"')
})

test('undoing a change writes the previous values', async () => {
  await records().change(before, { name: 'ONE' }, { done: 'Changed' })
  const [, undo] = done.mock.calls[0] ?? []
  await undo?.()
  expect(things.change).toHaveBeenLastCalledWith(1, { name: 'one' }, '"2"')
})

test('removing shows a notice with an undo', async () => {
  await records().remove([before], 'In the trash')
  expect(things.remove).toHaveBeenCalledWith(1)
  const [, undo] = done.mock.calls[0] ?? []
  await undo?.()
  expect(things.restore).toHaveBeenCalledWith(1)
})
