/**
 * Every entity type, declared once: navigation, routes, palette, search, trash, activity, caches and the typed API
 * follow from it. Its texts are in `locales/<language>/<collection>.json`: `one` (its name), and for types with
 * pages `title`, `count`, `go` and `go_words`.
 */
import type { Component } from 'vue'
import type { Schemas } from '@/api/client'

export type Permission = Schemas['Permission']
type Load = () => Promise<{ default: Component }>

/** A palette command that creates something; label and words are i18n keys. */
export interface CreateCommand {
  key: string
  icon: string
  label: string
  words: string
  to: string
  permission: Permission
}

export interface Entity {
  /** Its name in API paths, routes and cache keys, and the namespace of its texts. */
  collection: string
  icon: string
  /** Icons by the value of `kindField`, where they differ. */
  kindIcons?: Readonly<Record<string, string>>
  /** The permission to change or restore an item. */
  permission: Permission
  titleField: 'name' | 'title' | 'body'
  kindField?: string
  /** Other cached reads that a change may affect. */
  touches: readonly string[]
  /** Collections whose items are trashed and restored along with an item. */
  cascade: readonly string[]
  /** Present for types with a place in the navigation; `key` goes there, after `g`. */
  pages?: { icon: string; key: string; list: Load; item: Load; itemParams?: string }
  /** For types that are shown on other items only: the page at an item's address, which leads there. */
  leads?: Load
  /** The detail view in the side panel; without it, links lead to the item's page. */
  panel?: Load
  creating?: readonly CreateCommand[]
}

export const ENTITIES = {
  contact: {
    collection: 'contacts',
    icon: 'i-lucide-user-round',
    kindIcons: { organization: 'i-lucide-building-2' },
    permission: 'contact:write',
    titleField: 'name',
    kindField: 'kind',
    touches: ['activity', 'tags', 'names'],
    cascade: ['entries'],
    pages: {
      icon: 'i-lucide-users',
      key: 'c',
      list: () => import('@/pages/ContactsPage.vue'),
      item: () => import('@/pages/ContactPage.vue'),
    },
    panel: () => import('@/contacts/ContactDetail.vue'),
    creating: [
      {
        key: 'new-person', icon: 'i-lucide-user-round-plus', label: 'contacts.new_person', words: 'contacts.new_person_words',
        to: '/contacts?new=person', permission: 'contact:write',
      },
      {
        key: 'new-organization', icon: 'i-lucide-building-2', label: 'contacts.new_organization', words: 'contacts.new_organization_words',
        to: '/contacts?new=organization', permission: 'contact:write',
      },
      {
        key: 'import', icon: 'i-lucide-file-up', label: 'contacts.import_contacts', words: 'contacts.import_words',
        to: '/contacts/import', permission: 'contact:import',
      },
    ],
  },
  project: {
    collection: 'projects',
    icon: 'i-lucide-folder-kanban',
    permission: 'project:write',
    titleField: 'name',
    kindField: 'status',
    touches: ['activity', 'tags', 'names'],
    cascade: ['tasks', 'columns', 'entries'],
    pages: {
      icon: 'i-lucide-folder-kanban',
      key: 'p',
      list: () => import('@/pages/ProjectsPage.vue'),
      item: () => import('@/pages/ProjectPage.vue'),
      itemParams: '/:view(board|list|calendar|timeline)?',
    },
    creating: [
      {
        key: 'new-project', icon: 'i-lucide-folder-plus', label: 'projects.new', words: 'projects.new_words',
        to: '/projects?new=1', permission: 'project:write',
      },
    ],
  },
  task: {
    collection: 'tasks',
    icon: 'i-lucide-circle-check-big',
    kindIcons: { open: 'i-lucide-circle' },
    permission: 'task:write',
    titleField: 'title',
    kindField: 'status',
    touches: ['activity', 'tags', 'projects'],
    cascade: ['entries'],
    pages: {
      icon: 'i-lucide-circle-check-big',
      key: 't',
      list: () => import('@/pages/TasksPage.vue'),
      item: () => import('@/pages/TaskPage.vue'),
    },
    panel: () => import('@/tasks/TaskDetail.vue'),
    creating: [
      {
        key: 'new-task', icon: 'i-lucide-circle-plus', label: 'tasks.new', words: 'tasks.new_words',
        to: '/tasks?new=1', permission: 'task:write',
      },
    ],
  },
  column: {
    collection: 'columns',
    icon: 'i-lucide-columns-3',
    permission: 'project:write',
    titleField: 'name',
    touches: ['tasks'],
    cascade: [],
  },
  entry: {
    collection: 'entries',
    icon: 'i-lucide-sticky-note',
    kindIcons: { call: 'i-lucide-phone', meeting: 'i-lucide-users', comment: 'i-lucide-message-square' },
    permission: 'entry:write',
    titleField: 'body',
    kindField: 'kind',
    // Contacts tell when somebody was last in touch with them.
    touches: ['activity', 'timelines', 'contacts'],
    cascade: [],
    leads: () => import('@/pages/EntryPage.vue'),
  },
  saved_view: {
    collection: 'views',
    icon: 'i-lucide-bookmark',
    permission: 'view:write',
    titleField: 'name',
    touches: [],
    cascade: [],
  },
} as const satisfies Record<string, Entity>

export type EntityType = keyof typeof ENTITIES
export type CollectionOf<Type extends EntityType> = (typeof ENTITIES)[Type]['collection']
export type Collection = CollectionOf<EntityType>
/** Types with pages of their own, which links can lead to. */
export type LinkedType = { [Type in EntityType]: (typeof ENTITIES)[Type] extends { pages: object } ? Type : never }[EntityType]
/** Types whose items have an address, be it one that leads to where they are shown. */
export type AddressedType = LinkedType | { [Type in EntityType]: (typeof ENTITIES)[Type] extends { leads: object } ? Type : never }[EntityType]

export const ENTITY_TYPES = Object.keys(ENTITIES) as EntityType[]
export const entityOf = (type: EntityType): Entity => ENTITIES[type]
export const isLinkedType = (type: string): type is LinkedType => Object.hasOwn(ENTITIES, type) && entityOf(type as EntityType).pages !== undefined
export const LINKED_TYPES = ENTITY_TYPES.filter(isLinkedType)
export const typeOf = (collection: string): EntityType | undefined => ENTITY_TYPES.find((type) => ENTITIES[type].collection === collection)

export const listPath = (type: LinkedType): string => `/${ENTITIES[type].collection}`
export const itemPath = (type: AddressedType, id: number): string => `/${ENTITIES[type].collection}/${id}`
export const iconOf = (type: EntityType, kind = ''): string => entityOf(type).kindIcons?.[kind] ?? ENTITIES[type].icon
