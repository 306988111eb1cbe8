import { expect, test } from 'vitest'
import { estimated, SENDING_SHARE } from './estimate'

test('it begins where sending ended, and is mostly full when the likely time is over', () => {
  expect(estimated(0, 10)).toBe(SENDING_SHARE)
  expect(estimated(10, 10)).toBeCloseTo(0.915)
})

test('it never says it is done, nor goes back, however long it takes', () => {
  const steps = [0, 1, 5, 9, 10, 12, 60, 600, 100_000].map((seconds) => estimated(seconds, 10))
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  expect(Math.max(...steps)).toBeLessThan(1)
})

test('a check too quick to measure does not make a bar that jumps', () => {
  expect(estimated(0.1, 0)).toBeLessThan(0.5)
})
