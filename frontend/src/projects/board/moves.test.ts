import { describe, expect, test } from 'vitest'
import { aTask } from '@/test/tasks'
import { byPosition, placeIn, positionAt, positionBetween, statusIn, withCardAt } from './moves'

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
  const all = [{ id: 1, position: 1024 }, { id: 2, position: 2048 }, { id: 3, position: 3072 }]
  test('is the middle, the card itself left out', () => {
    expect(positionAt(all, 1, { after: 2 })).toBe(2560)
    expect(positionAt(all, 2, { after: 1 })).toBe(2048)
    expect(positionAt(all, 3, { before: 2 })).toBe(1536)
  })
  test('is half a step beyond the ends, and a whole one without a neighbour', () => {
    expect(positionAt(all, 3, { before: 1 })).toBe(512)
    expect(positionAt(all, 1, { after: 3 })).toBe(3584)
    expect(positionAt(all, 2, {})).toBe(4096)
    expect(positionAt([], 1, {})).toBe(1024)
  })
  test('goes by the id where positions are the same', () => {
    const same = [{ id: 2, position: 5 }, { id: 1, position: 5 }, { id: 3, position: 9 }]
    expect([...same].sort(byPosition).map((one) => one.id)).toEqual([1, 2, 3])
    expect(positionAt(same, 3, { after: 1 })).toBe(5)
  })
})

test('between two columns, while there is a number between them', () => {
  expect(positionBetween(undefined, undefined)).toBe(1024)
  expect(positionBetween(undefined, 1024)).toBe(0)
  expect(positionBetween(1024, undefined)).toBe(2048)
  expect(positionBetween(1024, 2048)).toBe(1536)
  expect(positionBetween(1, 1 + Number.EPSILON)).toBe(null)
})

test('a card is done in a column of done tasks, and open again elsewhere', () => {
  const [todo, done] = [{ id: 1, is_done: false }, { id: 2, is_done: true }]
  const task = aTask({ id: 1, column_id: 1 })
  expect(statusIn(done, [todo, done], task)).toBe('done')
  expect(statusIn(todo, [todo, done], { ...task, column_id: 2, status: 'done' })).toBe('open')
  expect(statusIn({ id: 3, is_done: false }, [todo], { ...task, status: 'done' })).toBe('done')
  expect(statusIn(null, [todo, done], { ...task, column_id: 2, status: 'done' })).toBe('done')
})
