import { expect, test } from 'vitest'
import { strengthOf } from './strength'

test.each([
  ['short', 0],
  ['aaaaaaaaaaaa', 1],
  ['password1234', 1],
  ['abababababab', 1],
  ['moonlight42x', 2],
  ['seven green umbrellas', 3],
])('%j has strength %i', (password, strength) => {
  expect(strengthOf(password, 12)).toBe(strength)
})
