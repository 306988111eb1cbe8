import { expect, test } from 'vitest'
import { lastViewOf, rememberView } from './lastView'

test('the view of a project is kept, for each company by itself', () => {
  expect(lastViewOf('c_a', 7)).toBe('board')
  rememberView('c_a', 7, 'timeline')
  expect(lastViewOf('c_a', 7)).toBe('timeline')
  expect(lastViewOf('c_b', 7)).toBe('board')
})

test('only the last two hundred are kept', () => {
  for (let id = 1; id <= 210; id += 1) rememberView('c_c', id, 'list')
  expect(lastViewOf('c_c', 1)).toBe('board')
  expect(lastViewOf('c_c', 210)).toBe('list')
})
