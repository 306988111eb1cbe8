import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import { ApiProblem } from '@/api/problem'
import { provideScope } from '@/api/scope'
import { forgetActs, remember, undoLast } from '@/shared/undo'
import { undoQuestion, type UndoQuestion } from './batches'
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
const told = vi.fn<(title: string) => void>()
vi.mock('@/shared/notices', () => ({ useNotices: () => ({ done, failed, told }) }))
const undoBatch = vi.fn()
vi.mock('@/api/batches', () => ({ undoBatch: (id: number, isDryRun: boolean): unknown => undoBatch(id, isDryRun) }))
provideScope({ companyId: 'c_1', timeZone: undefined })

const KEY = ['c_1', 'things', 'item', 1]
const before: Thing = { id: 1, version: 1, name: 'one' }
const refused = (status: number, rest: object = {}): ApiProblem => new ApiProblem(status, { detail: 'no', ...rest })

let queries: QueryClient
let things: EntityApi<Thing, Patch, Patch, object>

beforeEach(() => {
  vi.clearAllMocks()
  forgetActs()
  done.mockImplementation((title, undo) => void (undo && remember(title, undo)))
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
    remove: vi.fn(() => Promise.resolve(null)),
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

test('a change while another one of the record is saved waits for it, and is made on what it wrote', async () => {
  rememberEtag('things', before, '"1"')
  let arrive = (): void => undefined
  vi.mocked(things.change).mockImplementationOnce(async (id, patch) => {
    await new Promise<void>((resolve) => (arrive = resolve))
    return { data: { id, version: 2, name: patch.name ?? '' }, etag: '"2"' }
  })
  const { change } = records()
  const first = change(before, { name: 'two' })
  const second = change(before, { name: 'three' })
  await flushPromises()
  expect(things.change).toHaveBeenCalledTimes(1)
  arrive()
  expect(await Promise.all([first, second])).toEqual([true, true])
  expect(things.change).toHaveBeenLastCalledWith(1, { name: 'three' }, '"2"')
  expect(currentConflict.value).toBeNull()
})

test('a change after one that failed is made on what the person saw', async () => {
  rememberEtag('things', before, '"1"')
  vi.mocked(things.change).mockRejectedValueOnce(refused(503))
  const { change } = records()
  expect(await Promise.all([change(before, { name: 'two' }), change(before, { name: 'three' })])).toEqual([false, true])
  expect(things.change).toHaveBeenLastCalledWith(1, { name: 'three' }, '"1"')
})

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

test('changes without a notice are taken back by Ctrl+Z, one after the other, each on the version that is there by then', async () => {
  let now: Thing = before
  const withEtag = () => ({ data: now, etag: `"${now.version}"` })
  things.read = vi.fn(() => Promise.resolve(withEtag()))
  things.change = vi.fn((_: number, patch: Patch) => {
    now = { ...now, ...patch, version: now.version + 1 }
    return Promise.resolve(withEtag())
  })
  await records().change(now, { name: 'ONE' })
  await records().change(now, { name: 'Two' })
  await undoLast()
  expect(now.name).toBe('ONE')
  await undoLast()
  expect(now).toMatchObject({ name: 'one', version: 5 })
  expect(things.change).toHaveBeenLastCalledWith(1, { name: 'one' }, '"4"')
  expect(await undoLast()).toBeNull()
})

test('what somebody has changed since is not taken back, and that is said', async () => {
  await records().change(before, { name: 'ONE' })
  rememberEtag('things', { id: 1, version: 3 }, '"3"')
  vi.mocked(things.read).mockResolvedValueOnce({ data: { id: 1, version: 3, name: 'of somebody else' }, etag: '"3"' })
  expect(await undoLast()).toMatchObject({ isDone: false })
  expect(things.change).toHaveBeenCalledOnce()
  expect(told).toHaveBeenCalledOnce()
})

test('a creation is taken back into the trash', async () => {
  things.create = vi.fn(() => Promise.resolve({ data: before, etag: '"1"' }))
  await records().create({ name: 'one' })
  expect(await undoLast()).toMatchObject({ isDone: true })
  expect(things.remove).toHaveBeenCalledWith(1)
})

const many = Array.from({ length: 2_500 }, (_, index) => ({ id: index + 1, version: 1, name: 'one' }))
const outcome = (kept: number): object => ({ batch: null, restored: 5, partly: 0, kept: [], kept_count: kept })

test('a big click goes in portions, and one undo takes all of them back, the last one first', async () => {
  let batch = 0
  things.bulk = vi.fn(() => Promise.resolve({ created: [], updated: [], deleted: [], batch_id: (batch += 1) }))
  undoBatch.mockImplementation(() => Promise.resolve(outcome(0)))
  const counts: number[] = []
  expect(await records().changeMany(many, () => ({ name: 'ONE' }), 'Changed', (count) => counts.push(count))).toBe(true)
  expect(counts).toEqual([1_000, 2_000, 2_500])
  expect(done).toHaveBeenCalledOnce()
  expect(await undoLast()).toMatchObject({ act: { title: 'Changed' }, isDone: true })
  expect(undoBatch.mock.calls).toEqual([[3, true], [2, true], [1, true], [3, false], [2, false], [1, false]])
})

test('where a portion is refused, what was done before it can be undone', async () => {
  things.bulk = vi.fn()
    .mockResolvedValueOnce({ created: [], updated: [], deleted: [], batch_id: 7 })
    .mockRejectedValueOnce(refused(503))
  expect(await records().changeMany(many, () => ({ name: 'ONE' }), 'Changed')).toBe(false)
  expect(failed).toHaveBeenCalledOnce()
  undoBatch.mockImplementation(() => Promise.resolve(outcome(0)))
  await undoLast()
  expect(undoBatch).toHaveBeenLastCalledWith(7, false)
})

test.each([
  [true, 2],
  [false, 1],
])('an undo that leaves something asks first (%s)', async (isWanted, calls) => {
  vi.mocked(things.remove).mockResolvedValueOnce(4)
  undoBatch.mockImplementation(() => Promise.resolve(outcome(3)))
  await records().remove([before], 'In the trash')
  const undone = undoLast()
  await flushPromises()
  const question = undoQuestion.value as UndoQuestion | null
  expect(question?.outcome.kept_count).toBe(3)
  question?.decide(isWanted)
  expect(await undone).toMatchObject({ isDone: isWanted })
  expect(undoBatch).toHaveBeenCalledTimes(calls)
  expect(things.restore).not.toHaveBeenCalled()
})
