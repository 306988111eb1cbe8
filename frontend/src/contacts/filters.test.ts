import { expect, test } from 'vitest'
import { isSameView, toQuery, viewOf } from './filters'

test('what the address says is what is asked for', () => {
  const view = viewOf({ q: ' ada ', kind: 'person', organization_id: '12', sort: '-updated_at', open: 'contact-3' })
  expect(view).toEqual({ q: 'ada', kind: 'person', organization_id: '12', sort: '-updated_at' })
  expect(toQuery(view)).toMatchObject({ q: 'ada', kind: 'person', organization_id: 12, sort: '-updated_at', count: true })
})

test('not in touch for some days', () => {
  const view = viewOf({ untouched_for_days: '30', sort: '-last_touch_at' })
  expect(toQuery(view)).toMatchObject({ untouched_for_days: 30, sort: '-last_touch_at' })
  expect(['0', '-3', '99999', 'many'].map((value) => viewOf({ untouched_for_days: value }))).toEqual([{}, {}, {}, {}])
})

test('nonsense in the address is left out', () => {
  expect(viewOf({ kind: 'robot', organization_id: '-1', sort: 'shoe_size', q: '' })).toEqual({})
  expect(toQuery({}).sort).toBe('name')
})

test('two views are the same when they show the same', () => {
  expect(isSameView({ q: 'a' }, { q: 'a' })).toBe(true)
  expect(isSameView({ q: 'a' }, { q: 'a', kind: 'person' })).toBe(false)
})
