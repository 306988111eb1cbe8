import { describe, expect, test } from 'vitest'
import { aColumn } from '@/test/columns'
import { aTask } from '@/test/tasks'
import { groupsOf, readGrouping, rowsOf, type ProjectGrouping } from './grouping'

const TODAY = '2026-11-26'
const TODO = aColumn({ id: 1 })
const DONE = aColumn({ id: 2, is_done: true })
const tasks = [
  aTask({ id: 1, column_id: 1, priority: 1, due_on: '2026-11-25', assignee_ids: ['u_a', 'u_b'], labels: ['web', 'none'] }),
  aTask({ id: 2, column_id: 2, priority: 4, due_on: '2026-11-26', status: 'done', assignee_ids: ['u_b'] }),
  aTask({ id: 3, priority: 4, due_on: '2026-11-20', labels: ['api'] }),
]
const grouped = (by: ProjectGrouping) => groupsOf(tasks, by, [TODO, DONE], TODAY)
const shown = (by: ProjectGrouping) => grouped(by).map((group) => [group.key, group.tasks.map((task) => task.id)])

describe('groups', () => {
  test('by column in the order of the board, empty ones too, those without one first', () => {
    expect(shown('column')).toEqual([['none', [3]], ['1', [1]], ['2', [2]]])
    expect(groupsOf([], 'column', [TODO, DONE], TODAY).map((group) => group.key)).toEqual(['1', '2'])
  })
  test('by people and labels, under each of them, nobody last', () => {
    expect(shown('assignee')).toEqual([['u_a', [1]], ['u_b', [1, 2]], ['none', [3]]])
    expect(shown('label')).toEqual([['#api', [3]], ['#none', [1]], ['#web', [1]], ['none', [2]]])
  })
  test('by priority the urgent first, by status the open first', () => {
    expect(shown('priority')).toEqual([['4', [2, 3]], ['1', [1]]])
    expect(shown('status')).toEqual([['open', [1, 3]], ['done', [2]]])
  })
  test('by day, the earliest first', () => {
    expect(shown('due')).toEqual([['overdue', [3, 1]], ['today', [2]]])
  })
  test('all together, even when there is nothing', () => {
    expect(groupsOf([], 'none', [], TODAY)).toEqual([{ key: 'all', tasks: [], defaults: {} }])
  })
})

test('what is added under a heading stands under it', () => {
  const defaults = (by: ProjectGrouping, key: string) => grouped(by).find((group) => group.key === key)?.defaults
  expect(defaults('column', '2')).toEqual({ column_id: 2, status: 'done' })
  expect(defaults('column', 'none')).toEqual({ column_id: null })
  expect(defaults('assignee', 'u_b')).toEqual({ assignee_ids: ['u_b'] })
  expect(defaults('label', '#none')).toEqual({ labels: ['none'] })
  expect(defaults('label', 'none')).toEqual({})
  expect(defaults('due', 'today')).toEqual({ due_on: TODAY })
  expect(defaults('due', 'overdue')).toEqual({})
})

test('a folded group is a heading alone', () => {
  const rows = rowsOf(grouped('column'), 'column', new Set(['2']), true)
  expect(rows.map((row) => row.key)).toEqual(['h none', 'none 3', 'a none', 'h 1', '1 1', 'a 1', 'h 2'])
  expect(rowsOf(grouped('none'), 'none', new Set(), false).map((row) => row.kind)).toEqual(['task', 'task', 'task'])
})

test('an unknown grouping in the address is by column', () => {
  expect(readGrouping('moon')).toBe('column')
  expect(readGrouping('label')).toBe('label')
})
