import { expect, test } from 'vitest'
import type { Contact } from '@/api/types'
import { factsOf, isFilled, isShownAtFirst } from './facts'

const contact = {
  kind: 'person', emails: [{ value: 'a@example.org' }], phones: [], urls: [], addresses: [], given_name: 'Ada', family_name: 'Berg', job_title: '', note: null, owner_id: 'u_1',
} as unknown as Contact

test('only what is filled is shown at first, and the name is not told twice', () => {
  expect(factsOf(contact).filter((fact) => isShownAtFirst(contact, fact))).toEqual(['emails', 'owner_id'])
  expect(isFilled(contact, 'given_name')).toBe(true)
})

test('an organisation has no birthday and no first name', () => {
  const facts = factsOf({ kind: 'organization' })
  expect(facts).not.toContain('birthday')
  expect(facts).not.toContain('given_name')
})
