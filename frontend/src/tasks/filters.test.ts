import { describe, expect, test } from 'vitest'
import { toQuery, DEFAULTS, defaultsFrom, isNarrowed, readFilters, writtenFilters, type TaskFilters } from './filters'

const TODAY = '2026-11-23'
const with_ = (changes: Partial<TaskFilters>): TaskFilters => ({ ...DEFAULTS, ...changes })
const told = (filters: TaskFilters) =>
  Object.fromEntries(Object.entries(writtenFilters(filters)).filter(([, value]) => value !== undefined)) as Record<string, string>

describe('the address', () => {
  test('says nothing when all is as usual, and is read as that', () => {
    expect(told(DEFAULTS)).toEqual({})
    expect(readFilters({})).toEqual(DEFAULTS)
  })

  test('says everything else, and is read as it was written', () => {
    const filters = with_({
      assignee: 'anyone', status: 'all', due: 'range', from: '2026-11-01', to: '2026-11-30', project: 7, contact: 42,
      label: 'on site', priority: 0, q: 'offer', group: 'project', sort: '-priority', view: 'calendar',
    })
    expect(readFilters(told(filters))).toEqual(filters)
  })

  test('that makes no sense is as if it said nothing', () => {
    expect(readFilters({ status: 'lost', project: '07', contact: '-1', priority: '9', due: 'soon', from: '2026-02-30', sort: 'x' })).toEqual(DEFAULTS)
    expect(readFilters({ priority: ['3', '4'] }).priority).toBe(3)
  })

  test('does not keep the days of a range that is not asked for', () => {
    expect(told(with_({ due: 'today', from: '2026-11-01' }))).toEqual({ due: 'today' })
  })
})

describe('what is asked for', () => {
  test('my open tasks as a rule', () => {
    expect(toQuery(DEFAULTS, 'u_me', TODAY)).toEqual({ assignee_id: 'u_me', status: 'open', sort: 'due_on', resting: false })
    expect(toQuery(with_({ assignee: 'anyone', status: 'all' }), 'u_me', TODAY)).toEqual({ sort: 'due_on' })
  })

  test.each([
    ['overdue', { overdue: true, status: 'open' }],
    ['today', { due_after: '2026-11-22', due_before: '2026-11-24' }],
    ['week', { due_after: '2026-11-22', due_before: '2026-11-30' }],
  ] as const)('%s', (due, days) => expect(toQuery(with_({ due }), 'u_me', TODAY)).toMatchObject(days))

  test('tasks that rest where they are looked for', () => {
    for (const filters of [with_({ project: 7 }), with_({ q: 'offer' }), with_({ status: 'done' })])
      expect(toQuery(filters, 'u_me', TODAY)).not.toHaveProperty('resting')
  })

  test('a range includes its days, and may be open', () => {
    expect(toQuery(with_({ due: 'range', from: '2026-11-01', to: null }), 'u_me', TODAY)).toMatchObject({ due_after: '2026-10-31' })
    expect(toQuery(with_({ due: 'range', to: '2026-11-30' }), 'u_me', TODAY)).not.toHaveProperty('due_after')
  })
})

test('what is added here is shown here', () => {
  expect(defaultsFrom(with_({ project: 7, label: 'x', due: 'today' }), 'u_me', TODAY)).toEqual(
    { assignee_ids: ['u_me'], project_id: 7, labels: ['x'], due_on: TODAY })
  expect(defaultsFrom(with_({ assignee: 'anyone' }), 'u_me', TODAY).assignee_ids).toEqual([])
})

test('order and groups leave nothing out', () => {
  expect(isNarrowed(with_({ group: 'project', sort: 'title', view: 'calendar' }))).toBe(false)
  expect(isNarrowed(with_({ priority: 0 }))).toBe(true)
})
