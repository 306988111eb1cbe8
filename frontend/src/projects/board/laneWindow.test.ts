import { expect, test } from 'vitest'
import { around, indexesOf, spanning } from './laneWindow'

test('a few cards beyond those in sight are drawn, none beyond the lane', () => {
  expect(around({ from: 0, to: 5 }, 4, 250)).toEqual({ from: 0, to: 9 })
  expect(around({ from: 240, to: 249 }, 4, 250)).toEqual({ from: 236, to: 249 })
  expect(around({ from: 0, to: 0 }, 4, 0)).toEqual({ from: 0, to: -1 })
})

test('while a card is dragged, what was drawn stays drawn', () => {
  expect(spanning(null, { from: 3, to: 9 })).toEqual({ from: 3, to: 9 })
  expect(spanning({ from: 3, to: 9 }, { from: 20, to: 30 })).toEqual({ from: 3, to: 30 })
})

test('the card with the focus is drawn wherever it is', () => {
  expect(indexesOf({ from: 3, to: 5 }, 0)).toEqual([0, 3, 4, 5])
  expect(indexesOf({ from: 3, to: 5 }, 4)).toEqual([3, 4, 5])
  expect(indexesOf({ from: 3, to: 5 }, 9)).toEqual([3, 4, 5, 9])
  expect(indexesOf({ from: 3, to: 5 }, -1)).toEqual([3, 4, 5])
  expect(indexesOf({ from: 0, to: -1 }, -1)).toEqual([])
})
