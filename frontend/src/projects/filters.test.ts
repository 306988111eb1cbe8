import { describe, expect, test } from 'vitest'
import { ADDRESS, toQuery, DEFAULTS, isNarrowed } from './filters'

const ME = `u_${'a'.repeat(26)}`

describe('the filters in the address', () => {
  test('an empty address shows what is not archived, the last changed first', () => {
    expect(ADDRESS.read({})).toEqual(DEFAULTS)
    expect(toQuery(DEFAULTS, ME)).toEqual({ status: 'planned,active,on_hold,done', sort: '-updated_at', limit: 60, count: true })
  })

  test('what is written is read again', () => {
    const filters = { ...DEFAULTS, q: 'köln', status: 'archived', owner: 'me', customer: 7, tag: 'web', sort: 'name', view: 'table' } as const
    const written = ADDRESS.written(filters)
    expect(ADDRESS.read(written as Record<string, string>)).toEqual(filters)
    expect(ADDRESS.written(DEFAULTS)).toEqual(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, undefined])))
  })

  test('nonsense in the address is as if it were not there', () => {
    expect(ADDRESS.read({ status: 'gone', owner: 'x', customer: '-1', sort: 'id', view: ['a', 'b'] })).toEqual(DEFAULTS)
  })

  test('me is the person who looks, all is every status', () => {
    expect(toQuery({ ...DEFAULTS, owner: 'me', status: 'all' }, ME)).toEqual({ owner_id: ME, sort: '-updated_at', limit: 60, count: true })
  })

  test('sorting and looks leave nothing out', () => {
    expect(isNarrowed({ ...DEFAULTS, sort: 'name', view: 'table' })).toBe(false)
    expect(isNarrowed({ ...DEFAULTS, tag: 'web' })).toBe(true)
  })
})
