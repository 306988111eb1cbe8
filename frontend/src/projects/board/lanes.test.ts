import { expect, test } from 'vitest'
import { aColumn } from '@/test/columns'
import { aTask } from '@/test/tasks'
import { isOverLimit, lanesOf, NEWEST_DONE } from './lanes'

const TODO = aColumn({ id: 1, task_limit: 2 })
const DONE = aColumn({ id: 2, is_done: true })
const all = () => true

test('each task stands in its column, subtasks with their parents', () => {
  const tasks = [aTask({ id: 1, column_id: 1 }), aTask({ id: 2, column_id: 2 }), aTask({ id: 3, column_id: 1, parent_id: 1 })]
  const lanes = lanesOf([TODO, DONE], tasks, all, new Set())
  expect(lanes.map((lane) => [lane.key, lane.cards.map((card) => card.id)])).toEqual([[1, [1]], [2, [2]]])
})

test('a lane for tasks without a column is there only when there are some', () => {
  const lanes = lanesOf([TODO], [aTask({ id: 1 }), aTask({ id: 2, column_id: 77 })], all, new Set())
  expect(lanes.map((lane) => [lane.key, lane.cards.length])).toEqual([[0, 2], [1, 0]])
})

test('a limit counts what is filtered away too', () => {
  const tasks = [1, 2, 3].map((id) => aTask({ id, column_id: 1 }))
  const [lane] = lanesOf([TODO], tasks, (task) => task.id === 1, new Set())
  expect(lane && [lane.cards.length, lane.total, isOverLimit(lane)]).toEqual([1, 3, true])
  expect(lanesOf([TODO], tasks.slice(1), all, new Set()).map(isOverLimit)).toEqual([false])
})

test('of many done tasks the newest are shown, in their order, until all are asked for', () => {
  const tasks = Array.from({ length: NEWEST_DONE + 10 }, (_, index) =>
    aTask({ id: index + 1, column_id: 2, status: 'done', completed_at: new Date(Date.UTC(2026, 0, 60 - index)).toISOString() }),
  )
  const [folded] = lanesOf([DONE], tasks, all, new Set())
  expect(folded?.cards.map((card) => card.id)).toEqual(Array.from({ length: NEWEST_DONE }, (_, index) => index + 1))
  expect(folded?.folded).toBe(10)
  expect(lanesOf([DONE], tasks, all, new Set([2]))[0]?.cards.length).toBe(NEWEST_DONE + 10)
})
