import { expect, expectTypeOf, test } from 'vitest'
import type { Schemas } from '@/api/client'
import type { DraftOf, ItemOf, PatchOf, QueryOf } from '@/api/entityApi'
import { ENTITY_TYPES, entityOf, iconOf, itemPath, LINKED_TYPES, typeOf, type AddressedType, type EntityType } from './entities'
import de from './locales/de'
import en from './locales/en'

type Untyped = { [Type in EntityType]: [ItemOf<Type> & DraftOf<Type> & PatchOf<Type>] extends [never] ? Type : never }[EntityType]

const hasWord = (messages: object, key: string): boolean => {
  const [collection = '', name = ''] = key.split('.')
  return Object.hasOwn((messages as Record<string, object>)[collection] ?? {}, name)
}

test('the API types of an entity follow from its declaration', () => {
  expectTypeOf<ItemOf<'saved_view'>>().toEqualTypeOf<Schemas['SavedViewOut']>()
  expectTypeOf<DraftOf<'task'>>().toEqualTypeOf<Schemas['TaskDraft']>()
  expectTypeOf<PatchOf<'contact'>>().toEqualTypeOf<Schemas['ContactPatch']>()
  expectTypeOf<QueryOf<'contact'>['kind']>().toEqualTypeOf<'person' | 'organization' | undefined>()
  expectTypeOf<Untyped>().toEqualTypeOf<never>()
})

test('every type that the server names is declared', () => {
  expectTypeOf<Schemas['TrashItem']['type']>().toExtend<EntityType>()
  expectTypeOf<Schemas['Found']['noun']>().toExtend<AddressedType>()
  expectTypeOf<Schemas['Happened']['noun']>().toExtend<AddressedType>()
})

test.each(ENTITY_TYPES)('a %s has its words in every language', (type) => {
  const { collection, pages, creating = [] } = entityOf(type)
  const keys = [`${collection}.one`, ...(pages ? ['title', 'count', 'go', 'go_words'].map((name) => `${collection}.${name}`) : []), ...creating.flatMap(({ label, words }) => [label, words])]
  expect(keys.filter((key) => !hasWord(en, key) || !hasWord(de, key))).toEqual([])
})

test('nothing is declared twice', () => {
  const collections = ENTITY_TYPES.map((type) => entityOf(type).collection)
  const keys = LINKED_TYPES.map((type) => entityOf(type).pages?.key)
  expect(new Set(collections).size).toBe(collections.length)
  expect(new Set(keys).size).toBe(keys.length)
})

test('an item has an address, and an icon by its kind', () => {
  expect(itemPath('project', 7)).toBe('/projects/7')
  expect(typeOf('views')).toBe('saved_view')
  expect([iconOf('contact', 'person'), iconOf('contact', 'organization')]).toEqual(['i-lucide-user-round', 'i-lucide-building-2'])
})
