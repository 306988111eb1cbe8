import { expect, test } from 'vitest'
import type { Column, Task } from '@/api/types'
import { rowsByColumn, rowsByParent, type Row } from './timelineRows'

const task = (id: number, changes: Partial<Task> = {}): Task =>
  ({ id, position: id, column_id: null, parent_id: null, start_on: null, due_on: null, ...changes }) as Task
const shape = (rows: Row[]) => rows.map((row) => (row.kind === 'heading' ? `${row.title} ${row.count}` : `${' '.repeat(row.depth)}${row.task.id}`))

test('columns head their tasks; those of none come last, empty columns are left out', () => {
  const columns = [{ id: 1, name: 'To do' }, { id: 2, name: 'Doing' }, { id: 3, name: 'Done' }] as Column[]
  const tasks = [task(5, { column_id: 1, position: 9 }), task(6, { column_id: 1, position: 1 }), task(7), task(8, { column_id: 3 })]
  expect(shape(rowsByColumn(tasks, columns, 'None'))).toEqual(['To do 2', '6', '5', 'Done 1', '8', 'None 1', '7'])
})

test('tasks stand below what they are part of, orphans for themselves', () => {
  const tasks = [task(1), task(2, { parent_id: 1 }), task(3, { parent_id: 2 }), task(4, { parent_id: 99 }), task(5, { parent_id: 1, position: 0 })]
  expect(shape(rowsByParent(tasks))).toEqual(['1', ' 5', ' 2', '  3', '4'])
})

test('what begins first stands first', () => {
  const tasks = [task(1, { due_on: '2026-12-01' }), task(2, { start_on: '2026-11-01', due_on: '2026-12-24' }), task(3, { due_on: '2026-12-01', position: 0 })]
  expect(shape(rowsByParent(tasks))).toEqual(['2', '3', '1'])
})
