import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { defineComponent } from 'vue'
import { ApiProblem, Unreachable } from '@/api/problem'
import { importFile, previewOf, type Preview } from './api'
import { useImport, type Import } from './useImport'

vi.mock('./api', () => ({ previewOf: vi.fn(), importFile: vi.fn() }))

const preview: Preview = { format: 'csv', rows: 2, columns: [{ name: 'Mail', field: 'emails/0/value', samples: [] }], fields: [], contacts: [], errors: [], is_header_assumed: false }
const counts = { created: 2, updated: 0, skipped: 0, errors: [], batch_id: 1 }
const file = new File(['Mail\nmia@example.org'], 'a.csv')

function wizard(): Import {
  let made: Import | undefined
  const Host = defineComponent({
    setup: () => {
      made = useImport()
      return () => null
    },
  })
  mount(Host, { global: { plugins: [createPinia(), [VueQueryPlugin, { queryClient: new QueryClient() }]] } })
  return made as Import
}

beforeEach(() => {
  vi.mocked(previewOf).mockReset().mockResolvedValue(preview)
  vi.mocked(importFile).mockReset().mockResolvedValue(counts)
})

test('only what was chosen is sent as a mapping; our own guesses stay the server\'s', async () => {
  const it = wizard()
  await it.take(file)
  expect(vi.mocked(previewOf).mock.lastCall?.[1]).toEqual({})
  await it.map('Mail', null)
  expect(vi.mocked(previewOf).mock.lastCall?.[1]).toEqual({ Mail: null })
})

test('columns are told by their numbers once the first row is a contact, and by name again', async () => {
  const it = wizard()
  vi.mocked(previewOf).mockResolvedValueOnce({ ...preview, is_header_assumed: true })
  expect(await it.take(file)).toBe(true)
  expect(it.isHeaderAssumed).toBe(true)
  await it.countFirstRow(true)
  await it.map(it.keyOf(preview.columns[0]!, 1), 'name')
  expect(vi.mocked(previewOf).mock.lastCall?.[1]).toEqual({ 1: null, 2: 'name' })
  await it.countFirstRow(false)
  expect(vi.mocked(previewOf).mock.lastCall?.[1]).toEqual({})
})

test('the rows with errors are asked for in a trial', async () => {
  const it = wizard()
  await it.take(file)
  await it.rowsWithErrors()
  expect(vi.mocked(importFile).mock.lastCall?.[0]).toMatchObject({ isDryRun: true, withRows: true })
})

test('a check asked for during another is made again, with what was chosen last', async () => {
  const it = wizard()
  await it.take(file)
  const first = it.check()
  it.settleDuplicates('skip')
  void it.check()
  await first
  await flushPromises()
  expect(vi.mocked(importFile).mock.calls.map(([order]) => order.onDuplicate)).toEqual(['update', 'skip'])
  expect(it.checked).toEqual(counts)
})

test('an import whose answer never came is to be checked before it can be run again', async () => {
  const it = wizard()
  await it.take(file)
  await it.check()
  vi.mocked(importFile).mockRejectedValueOnce(new Unreachable('gone'))
  expect(await it.run()).toBe(false)
  expect([it.isInDoubt, it.checked, it.result]).toEqual([true, null, null])
})

test('what was refused leaves the check as it was', async () => {
  const it = wizard()
  await it.take(file)
  await it.check()
  vi.mocked(importFile).mockRejectedValueOnce(new ApiProblem(503, { detail: 'Later.' }))
  expect(await it.run()).toBe(false)
  expect([it.isInDoubt, it.checked]).toEqual([false, counts])
})

test('another file forgets everything about the one before', async () => {
  const it = wizard()
  await it.take(file)
  await it.map('Mail', null)
  it.settleDuplicates('create')
  await it.check()
  await it.take(new File(['x'], 'b.csv'))
  expect([it.chosen, it.onDuplicate, it.checked]).toEqual([{}, 'update', null])
})
