/** What the palette lists. */
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
  ...Object.fromEntries(LINKED_TYPES.map((type) => [ENTITIES[type].collection, `${ENTITIES[type].collection}.title`])),
}

export interface Entry {
  /** Tells it apart from all others. */
  key: string
  group: Group
  icon: string
  title: string
  subtitle?: string
  /** Keys that do the same anywhere, as useShortcuts writes them. */
  keys?: string
  /** Other words it is found by. */
  words?: string
  /** `isFull`: as a page of its own, where there is a choice. */
  run: (isFull: boolean) => unknown
}

export interface Section {
  group: Group
  entries: Entry[]
}

/** The entries by group, groups in the order in which they come first. */
export function sectionsOf(entries: readonly Entry[]): Section[] {
  const byGroup = new Map<Group, Entry[]>()
  for (const entry of entries) byGroup.set(entry.group, [...(byGroup.get(entry.group) ?? []), entry])
  return [...byGroup].map(([group, listed]) => ({ group, entries: listed }))
}
