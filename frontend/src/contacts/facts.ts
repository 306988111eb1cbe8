/** The facts of a contact, in the order shown, and which of them are filled. */
import type { Contact } from '@/api/types'

export type TextFact = 'prefix' | 'given_name' | 'middle_name' | 'family_name' | 'suffix' | 'nickname' | 'job_title' | 'department' | 'source'
export type Fact = TextFact | 'emails' | 'phones' | 'urls' | 'addresses' | 'organization_id' | 'owner_id' | 'birthday' | 'note'

const PERSON: readonly Fact[] = [
  'emails', 'phones', 'urls', 'addresses', 'organization_id', 'job_title', 'department', 'owner_id', 'birthday', 'note', 'source',
  'prefix', 'given_name', 'middle_name', 'family_name', 'suffix', 'nickname',
]
const ORGANIZATION: readonly Fact[] = ['emails', 'phones', 'urls', 'addresses', 'owner_id', 'department', 'nickname', 'note', 'source']
/** These make the name, which is the title of the page. */
const IN_THE_NAME: ReadonlySet<Fact> = new Set(['prefix', 'given_name', 'middle_name', 'family_name', 'suffix'])

export const factsOf = (contact: Pick<Contact, 'kind'>): readonly Fact[] => (contact.kind === 'person' ? PERSON : ORGANIZATION)

export function isFilled(contact: Contact, fact: Fact): boolean {
  const value = contact[fact]
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined && value !== ''
}

/** What is shown at first: what is filled, without the parts of the name. */
export function isShownAtFirst(contact: Contact, fact: Fact): boolean {
  return isFilled(contact, fact) && !IN_THE_NAME.has(fact)
}
