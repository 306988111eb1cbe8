/** People named in a text: `@Ada Berg` while it is written, `@[u_…]` where it is kept, so that they may change their names. */
import { folded } from '@/shared/text'

export interface Person {
  id: string
  /** Unlike that of all the others. */
  name: string
}

const MENTION = /@\[(u_[a-z2-7]{26})\]/g
/** What is typed after an `@` that begins a word: one or two names. */
const BEGUN = /(?:^|[\s(,;:/"“„])@([\p{L}\p{N}._'’-]*(?: [\p{L}\p{N}._'’-]*)?)$/u

/** The text for writing. Who has no name here stays an id. */
export function asWritten(body: string, people: readonly Person[]): string {
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return body.replace(MENTION, (mention, id: string) => (names.has(id) ? `@${names.get(id)}` : mention))
}

/** The text for keeping. Of two names that begin alike, the longer one is meant. */
export function asKept(text: string, people: readonly Person[]): string {
  const ids = new Map(people.map(({ id, name }) => [name, id]))
  const names = [...ids.keys()].filter(Boolean).sort((one, other) => other.length - one.length)
  if (names.length === 0) return text
  const known = new RegExp(`(?<![\\p{L}\\p{N}])@(${names.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, 'gu')
  return text.replace(known, (mention, name: string) => (ids.has(name) ? `@[${ids.get(name)}]` : mention))
}

/** Where a name is being typed, and what of it is there already; null where none is. */
export function mentionAt(text: string, caret: number): { from: number; typed: string } | null {
  const typed = BEGUN.exec(text.slice(0, caret))?.[1]
  return typed === undefined ? null : { from: caret - typed.length - 1, typed }
}

/** The people whose name, or one of whose names, begins like this. */
export function peopleLike(typed: string, people: readonly Person[], most = 8): Person[] {
  const asked = folded(typed)
  const fits = ({ name }: Person): boolean => folded(name).startsWith(asked) || folded(name).split(/[\s-]+/u).some((word) => word.startsWith(asked))
  return people.filter(fits).slice(0, most)
}

/** The people, those of one name told apart by a second word about them. */
export function toldApart(people: readonly (Person & { detail: string })[]): Person[] {
  const count = new Map<string, number>()
  for (const { name } of people) count.set(name, (count.get(name) ?? 0) + 1)
  return people.map(({ id, name, detail }) => ({ id, name: (count.get(name) ?? 0) > 1 ? `${name} (${detail})` : name }))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
