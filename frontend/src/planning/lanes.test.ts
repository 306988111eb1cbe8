import { expect, test } from 'vitest'
import { weekOf } from './days'
import { fitted, segmentsOf, spanOf } from './lanes'

const week = weekOf('2026-11-23', 1)
const task = (id: number, start_on: string | null, due_on: string | null) => ({ id, start_on, due_on })

test('a task spans from its start to its due day, or is a day', () => {
  expect(spanOf(task(1, '2026-11-20', '2026-11-23'))).toEqual({ from: '2026-11-20', to: '2026-11-23' })
  expect(spanOf(task(1, null, '2026-11-23'))).toEqual({ from: '2026-11-23', to: '2026-11-23' })
  expect(spanOf(task(1, '2026-11-20', null))).toEqual({ from: '2026-11-20', to: '2026-11-20' })
  expect(spanOf(task(1, null, null))).toBeNull()
})

test('a span is cut to the week, and says where it goes on', () => {
  const [segment] = segmentsOf([task(1, '2026-11-20', '2026-11-25')], week)
  expect(segment).toMatchObject({ from: 0, days: 3, isBegin: false, isEnd: true })
  expect(segmentsOf([task(1, null, '2026-11-30')], week)).toEqual([])
})

test('tasks that meet take different lanes, others share one', () => {
  const segments = segmentsOf(
    [task(1, null, '2026-11-23'), task(2, '2026-11-23', '2026-11-25'), task(3, null, '2026-11-26')], week)
  expect(Object.fromEntries(segments.map((one) => [one.item.id, one.lane]))).toEqual({ 1: 1, 2: 0, 3: 0 })
})

test('what has no room is counted on its days', () => {
  const items = [1, 2, 3, 4].map((id) => task(id, null, '2026-11-24'))
  const all = segmentsOf([...items, task(9, null, '2026-11-25')], week)
  const { shown, more } = fitted(all, 7, 3)
  expect(shown.map((one) => one.item.id).sort()).toEqual([1, 2, 9])
  expect(more).toEqual([0, 2, 0, 0, 0, 0, 0])
  expect(fitted(all, 7, 4).more).toEqual([0, 0, 0, 0, 0, 0, 0])
})
