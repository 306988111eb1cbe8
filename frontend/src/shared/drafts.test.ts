import { beforeEach, expect, test, vi } from 'vitest'
import { draftKey, forgetDrafts, readDraft, writeDraft } from './drafts'

beforeEach(() => localStorage.clear())

test('a draft is read again as it was written, and is gone when it is empty', () => {
  const key = draftKey('c_1', 'u_a', 'contact-7')
  writeDraft(key, { text: 'Wants a quote' })
  expect(readDraft(key)).toEqual({ text: 'Wants a quote' })
  writeDraft(key, null)
  expect(readDraft(key)).toBeNull()
})

test('drafts of other people, companies and records are other drafts', () => {
  writeDraft(draftKey('c_1', 'u_a', 'contact-7'), { text: 'mine' })
  for (const other of [draftKey('c_2', 'u_a', 'contact-7'), draftKey('c_1', 'u_b', 'contact-7'), draftKey('c_1', 'u_a', 'task-7')]) {
    expect(readDraft(other)).toBeNull()
  }
})

test('signing out forgets the drafts of that person in every company, and of nobody else', () => {
  const keys = [draftKey('c_1', 'u_a', 'contact-7'), draftKey('c_2', 'u_a', 'task-1'), draftKey('c_1', 'u_ab', 'contact-7')]
  for (const key of keys) writeDraft(key, { text: 'x' })
  localStorage.setItem('crmtenant.preferences', '{}')
  forgetDrafts('u_a')
  expect(keys.map((key) => readDraft(key) !== null)).toEqual([false, false, true])
  expect(localStorage.getItem('crmtenant.preferences')).toBe('{}')
})

test('a draft of last month is too old, and what is broken is none', () => {
  const key = draftKey('c_1', 'u_a', 'contact-7')
  writeDraft(key, { text: 'old' }, Date.now() - 31 * 86_400_000)
  expect(readDraft(key)).toBeNull()
  localStorage.setItem(key, '{"at": 1')
  expect(readDraft(key)).toBeNull()
})

test('a full device does not stop anybody from writing', () => {
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  expect(() => writeDraft('crmtenant.draft x', { text: 'x' })).not.toThrow()
  full.mockRestore()
})
