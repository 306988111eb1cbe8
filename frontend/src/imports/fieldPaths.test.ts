import { expect, test } from 'vitest'
import { groupedFields, groupOf, labelOf, shelfOf } from './fieldPaths'

const t = (key: string, values?: Record<string, unknown>): string => (values ? `${key}(${Object.values(values).join()})` : key)

test('a path is called by its field, counted from the second on, with the part it is about', () => {
  expect(labelOf('emails/0/value', t)).toBe('fields.emails')
  expect(labelOf('emails/1/value', t)).toBe('fields.emails 2')
  expect(labelOf('addresses/0/city', t)).toBe('fields.addresses: fields.city')
  expect(labelOf('phones/2/label', t)).toBe('fields.phones 3: fields.label')
  expect(labelOf('organization', t)).toBe('fields.organization_id')
})

test('a custom field keeps its name, slashes and digits included', () => {
  expect(labelOf('custom/Kunde/2', t)).toBe('imports.custom_field(Kunde/2)')
  expect(groupOf('custom/0/value')).toBe('custom')
})

test('the pointer of a whole row is no field', () => {
  expect(labelOf('', t)).toBe('imports.whole_row')
})

test('every path offered is in exactly one group', () => {
  const paths = ['name', 'organization', 'emails/0/value', 'emails/0/label', 'addresses/1/city', 'note', 'custom/x']
  const grouped = groupedFields(paths).flatMap((entry) => entry.paths)
  expect(grouped.toSorted()).toEqual(paths.toSorted())
})

test('on the shelf is what is often needed', () => {
  const paths = ['emails/0/value', 'emails/1/value', 'emails/2/value', 'emails/0/is_primary', 'addresses/0/city', 'addresses/1/city', 'custom/x']
  expect(shelfOf(paths).flatMap((entry) => entry.paths)).toEqual(['emails/0/value', 'emails/1/value', 'addresses/0/city'])
})
