import { describe, expect, test } from 'vitest'
import type { Task } from '@/api/types'
import { aTask } from '@/test/tasks'
import examples from '../../../../tests/fixtures/board_moves.json'
import { byPosition, placeIn, positionAt, positionBetween, statusIn, withCardAt, type Columned, type Place, type Placed } from './moves'

// The server's rules are tested against the same examples.
interface PositionExample {
  name: string
  all: Placed[]
  id: number
  place: Place
  /** Null where the server renumbers the tasks. */
  position: number | null
}
interface StatusExample {
  name: string
  columns: Columned[]
  from: number | null
  status: Task['status']
  to: number | null
  expected: Task['status']
}

const cards = [1, 2, 3].map((id) => ({ id }))

describe('beside whom a card is put', () => {
  test('after the one above it', () => {
    expect(placeIn(cards, 3)).toEqual({ after: 2 })
    expect(placeIn(cards, 2)).toEqual({ after: 1 })
  })
  test('at the top before the one below', () => {
    expect(placeIn(cards, 1)).toEqual({ before: 2 })
  })
  test('alone beside nobody', () => {
    expect(placeIn([{ id: 9 }], 9)).toEqual({})
  })
})

describe('the order with a card at an index', () => {
  test('within a column and from another', () => {
    expect(withCardAt(cards, { id: 1 }, 2).map((card) => card.id)).toEqual([2, 3, 1])
    expect(withCardAt(cards, { id: 9 }, 1).map((card) => card.id)).toEqual([1, 9, 2, 3])
  })
  test('never beyond the ends', () => {
    expect(withCardAt(cards, { id: 2 }, -1).map((card) => card.id)).toEqual([2, 1, 3])
    expect(withCardAt(cards, { id: 2 }, 99).map((card) => card.id)).toEqual([1, 3, 2])
  })
})

describe('the position the server will give', () => {
  test.each(examples.positions as PositionExample[])('$name', ({ all, id, place, position }) => {
    const found = positionAt(all, id, place)
    if (position === null) expect(all.map((one) => one.position)).toContain(found)
    else expect(found).toBe(position)
  })
  test('goes by the id where positions are the same', () => {
    const same = [{ id: 2, position: 5 }, { id: 1, position: 5 }, { id: 3, position: 9 }]
    expect([...same].sort(byPosition).map((one) => one.id)).toEqual([1, 2, 3])
  })
})

test('between two columns, while there is a number between them', () => {
  expect(positionBetween(undefined, undefined)).toBe(1024)
  expect(positionBetween(undefined, 1024)).toBe(0)
  expect(positionBetween(1024, undefined)).toBe(2048)
  expect(positionBetween(1024, 2048)).toBe(1536)
  expect(positionBetween(1, 1 + Number.EPSILON)).toBe(null)
})

describe('what a task is in another column', () => {
  test.each(examples.statuses as StatusExample[])('$name', ({ columns, from, status, to, expected }) => {
    const column = columns.find((one) => one.id === to) ?? null
    expect(statusIn(column, columns, aTask({ id: 1, column_id: from, status }))).toBe(expected)
  })
})
