import { expect, it } from 'vitest'
import { stateOf } from './quotas'

it.each([
  [null, 'fine'],
  [79, 'fine'],
  [80, 'near'],
  [99, 'near'],
  [100, 'full'],
  [140, 'full'],
])('at %s percent the quota is %s', (percent, state) => {
  expect(stateOf({ percent })).toBe(state)
})
