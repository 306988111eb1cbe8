import { expect, test } from 'vitest'
import { fieldsOf, idsOf, kindOf, patchBack } from './fields'

test('custom fields are told one by one, and only those that differ', () => {
  const changes = { note: ['a', 'b'], custom: [{ size: 'S', same: 1 }, { same: 1, colour: 'red' }] }
  expect(fieldsOf({ changes })).toEqual([
    { name: 'note', before: 'a', after: 'b' },
    { name: 'custom.size', before: 'S', after: null },
    { name: 'custom.colour', before: null, after: 'red' },
  ])
})

test('a value is put back unless the record has it now', () => {
  const change = { name: 'due_on', before: '2026-11-12', after: '2026-11-14' }
  expect(patchBack(change, { due_on: '2026-11-20' })).toEqual({ due_on: '2026-11-12' })
  expect(patchBack(change, { due_on: '2026-11-12' })).toBeNull()
  expect(patchBack({ name: 'assignee_ids', before: [], after: ['u_1'] }, { assignee_ids: [] })).toBeNull()
})

test('one custom field is put back and the others stay', () => {
  const change = { name: 'custom.size', before: 'S', after: null }
  expect(patchBack(change, { custom: { colour: 'red' } })).toEqual({ custom: { colour: 'red', size: 'S' } })
  expect(patchBack(change, { custom: { size: 'S' } })).toBeNull()
})

test('what is no longer known, or is set by the server, is not put back', () => {
  expect(patchBack({ name: 'note', before: { sha256: 'ab' }, after: '' }, { note: '' })).toBeNull()
  expect(patchBack({ name: 'completed_at', before: null, after: 'x' }, { completed_at: 'x' })).toBeNull()
  expect(patchBack({ name: 'gone_field', before: 1, after: 2 }, { note: '' })).toBeNull()
})

test('ids are gathered by what they refer to', () => {
  const lines: { changes: Record<string, unknown[]> }[] = [{ changes: { contact_id: [1, null], organization_id: [2, 3], due_on: [null, '2026-11-12'] } }, { changes: { contact_ids: [[4], [5, 6]] } }]
  expect(idsOf('tasks', lines, 'contact')).toEqual([1, 2, 3, 4, 5, 6])
  expect(kindOf('tasks', 'parent_id')).toBe('task')
})
