import { expect, test } from 'vitest'
import type { Entry } from '@/api/types'
import { blank, draftOf, isBlank, minutesOf, patchOf, reasonOf, writingOf } from './writing'

const CALL: Entry = {
  id: 3, kind: 'call', parent_id: null, subject_type: 'contact', subject_id: 7, contact_ids: [7], happened_at: '2026-11-20T10:00:00Z',
  minutes: 12, direction: 'in', outcome: 'reached', body: 'Wants a quote', is_pinned: false, organization_ids: [], mentions: [], edited_at: null,
  created_at: '2026-11-20T10:00:00Z', updated_at: '2026-11-20T10:00:00Z', created_by: 'u_a', updated_by: 'u_a', version: 1,
}

test('a note says nothing of calls, and happens now', () => {
  const draft = draftOf({ ...blank('note'), text: ' Likes tea ', minutes: '12', at: '2026-11-20T10:00:00Z' }, ' Likes tea ', 'contact', 7)
  expect(draft).toEqual({ kind: 'note', body: 'Likes tea', minutes: null, direction: null, outcome: null, subject_type: 'contact', subject_id: 7 })
})

test('a call tells how it went, when, and with whom', () => {
  const draft = draftOf({ ...blank('call'), outcome: 'voicemail', minutes: '1:10', at: '2026-11-20T10:00:00Z', withId: 9 }, '', 'contact', 7)
  expect(draft).toMatchObject({ outcome: 'voicemail', direction: 'out', minutes: 70, happened_at: '2026-11-20T10:00:00Z', contact_ids: [7, 9] })
})

test('a note needs words, a call that reached nobody does not', () => {
  expect(reasonOf({ ...blank('note'), text: ' \n' })).toBe('entries.words_first')
  expect(reasonOf({ ...blank('note'), text: 'x' })).toBeNull()
  expect(reasonOf(blank('call'))).toBe('entries.words_first')
  expect(reasonOf({ ...blank('call'), outcome: 'no_answer' })).toBeNull()
  expect(reasonOf({ ...blank('meeting'), minutes: '30' })).toBeNull()
})

test('minutes that cannot be read are said to be so', () =>
  expect(reasonOf({ ...blank('call'), text: 'x', minutes: 'a while' })).toBe('tasks.estimate_hint'),
)

test('only what was typed is worth keeping', () => {
  expect(isBlank({ ...blank('call'), outcome: 'busy' })).toBe(true)
  expect(isBlank({ ...blank('call'), next: 'Send quote' })).toBe(false)
})

test.each([['12', 12], ['1h 30', 90], ['', null], ['a while', undefined]])('%j are %s minutes', (minutes, read) =>
  expect(minutesOf({ ...blank('call'), minutes })).toBe(read),
)

test('what is edited and not changed is not sent', () => {
  expect(patchOf(CALL, writingOf(CALL, CALL.body), CALL.body)).toEqual({})
  expect(patchOf(CALL, { ...writingOf(CALL, 'New'), minutes: '15' }, 'New')).toEqual({ body: 'New', minutes: 15 })
})

test('a call that becomes a note has no outcome', () => {
  expect(patchOf(CALL, { ...writingOf(CALL, CALL.body), kind: 'note' }, CALL.body)).toEqual({ kind: 'note', minutes: null, direction: null, outcome: null })
})
