/** The primary entry of a contact's lists, where there is room for one. */
import type { Contact } from '@/api/types'

interface Entry {
  is_primary?: boolean
}

export function primary<E extends Entry>(entries: readonly E[] | undefined): E | undefined {
  return entries?.find((entry) => entry.is_primary) ?? entries?.[0]
}

export const emailOf = (contact: Pick<Contact, 'emails'>): string => primary(contact.emails)?.value ?? ''
export const phoneOf = (contact: Pick<Contact, 'phones'>): string => primary(contact.phones)?.value ?? ''
export const addressOf = (contact: Pick<Contact, 'addresses'>) => primary(contact.addresses)

type Address = NonNullable<ReturnType<typeof addressOf>>

/** Countries whose postal code precedes the city. */
const CODE_FIRST = new Set('DE AT CH FR ES IT NL BE LU DK SE NO FI PL CZ SK HU RO BG HR SI GR PT TR EE LV LT IS LI MC RU UA RS'.split(' '))

/** The lines of an address in its country's order. */
export function addressLines(address: Address, countryName: (code: string) => string): string[] {
  const place = CODE_FIRST.has(address.country ?? '')
    ? [address.postal_code, address.city].filter(Boolean).join(' ')
    : [address.city, [address.region, address.postal_code].filter(Boolean).join(' ')].filter(Boolean).join(', ')
  const region = CODE_FIRST.has(address.country ?? '') ? address.region : null
  return [address.street, place, region, address.country && countryName(address.country)].filter((line): line is string => Boolean(line))
}
