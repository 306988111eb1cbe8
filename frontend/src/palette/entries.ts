/** Entries of the palette. */
import { ENTITIES, LINKED_TYPES, type Collection } from '@/entities'

export type Group = 'recent' | 'create' | 'go' | 'more' | 'commands' | 'add' | Collection

/** The i18n keys of the groups' headings. */
export const TITLES: Readonly<Partial<Record<Group, string>>> = {
  recent: 'palette.recent',
  create: 'palette.create',
  go: 'palette.go',
  more: 'palette.more',
  commands: 'palette.commands',
  add: 'palette.create',
  entries: 'entries.title',
  ...Object.fromEntries(LINKED_TYPES.map((type) => [ENTITIES[type].collection, `${ENTITIES[type].collection}.title`])),
}

export interface Entry {
  /** Unique among all entries. */
  key: string
  group: Group
  icon: string
  title: string
  subtitle?: string
  /** The shortcut for the same action, as useShortcuts writes it. */
  keys?: string
  /** Further search words. */
  words?: string
  /** `isFull` opens the full page, where there is a choice. */
  run: (isFull: boolean) => unknown
}

export interface Section {
  group: Group
  entries: Entry[]
}

/** The entries by group, groups in order of first occurrence. */
export function sectionsOf(entries: readonly Entry[]): Section[] {
  const byGroup = new Map<Group, Entry[]>()
  for (const entry of entries) byGroup.set(entry.group, [...(byGroup.get(entry.group) ?? []), entry])
  return [...byGroup].map(([group, listed]) => ({ group, entries: listed }))
}
