import { expect, test } from 'vitest'
import type { Task } from '@/api/types'
import { dueKey, groupsOf } from './grouping'

const TODAY = '2026-11-23'
const task = (id: number, changes: Partial<Task>): Task =>
  ({ id, due_on: null, status: 'open', priority: 0, project_id: null, assignee_ids: [], ...changes }) as Task

test.each([
  ['2026-11-22', 'open', 'overdue'], ['2026-11-22', 'done', 'earlier'], ['2026-11-23', 'open', 'today'], ['2026-11-24', 'open', 'tomorrow'],
  ['2026-11-29', 'open', 'week'], ['2026-11-30', 'open', 'later'], [null, 'open', 'none'],
] as const)('due %s and %s is %s', (due_on, status, key) => expect(dueKey({ due_on, status }, TODAY)).toBe(key))

test('what rests is not overdue', () => {
  expect(dueKey({ due_on: '2026-11-22', status: 'open' }, TODAY, true)).toBe('earlier')
  const late = [task(1, { due_on: '2026-11-22', project_id: 7 }), task(2, { due_on: '2026-11-22' })]
  const keys = groupsOf(late, 'due', TODAY, ({ project_id }) => project_id === 7).map((group) => group.key)
  expect(keys).toEqual(['overdue', 'earlier'])
})

const shape = (tasks: Task[], by: Parameters<typeof groupsOf>[1]) =>
  groupsOf(tasks, by, TODAY).map((group) => [group.key, group.tasks.map((one) => one.id)])

test('days come as they come, the urgent first, none last', () => {
  expect(shape([task(1, {}), task(2, { due_on: '2026-12-24' }), task(3, { due_on: '2026-11-01' })], 'due')).toEqual(
    [['overdue', [3]], ['later', [2]], ['none', [1]]])
  expect(shape([task(1, { priority: 1 }), task(2, { priority: 4 })], 'priority')).toEqual([['4', [2]], ['1', [1]]])
  expect(shape([task(1, {}), task(2, { project_id: 9 }), task(3, { project_id: 2 })], 'project')).toEqual(
    [['9', [2]], ['2', [3]], ['none', [1]]])
})

test('a task of two people stands under both, in the order given', () => {
  expect(shape([task(1, { assignee_ids: ['a', 'b'] }), task(2, { assignee_ids: ['b'] })], 'assignee')).toEqual(
    [['a', [1]], ['b', [1, 2]]])
})

test('without groups all are one', () => {
  expect(shape([task(2, {}), task(1, {})], 'none')).toEqual([['all', [2, 1]]])
  expect(shape([], 'none')).toEqual([])
})
