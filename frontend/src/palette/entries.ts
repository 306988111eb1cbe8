/** What the palette lists. */
import type { useI18n } from 'vue-i18n'

export const GROUPS = ['recent', 'create', 'go', 'more', 'commands', 'contacts', 'projects', 'tasks', 'add'] as const
export type Group = (typeof GROUPS)[number]

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

export type Translate = ReturnType<typeof useI18n>['t']

/** The entries by group, groups in the order in which they come first. */
export function sectionsOf(entries: readonly Entry[]): Section[] {
  const byGroup = new Map<Group, Entry[]>()
  for (const entry of entries) byGroup.set(entry.group, [...(byGroup.get(entry.group) ?? []), entry])
  return [...byGroup].map(([group, listed]) => ({ group, entries: listed }))
}
