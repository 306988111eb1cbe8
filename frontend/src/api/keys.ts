/** Every cache key begins with the company, so that nothing read for one is ever shown for another. */
import { useSession } from '@/session/store'

export type Noun = 'contacts' | 'projects' | 'tasks' | 'columns' | 'views'

export type Key = readonly unknown[]

export interface Keys {
  /** Everything of a noun: lists, items, what is counted. */
  all: (noun: string) => Key
  list: (noun: string, query: object) => Key
  item: (noun: string, id: number | string) => Key
}

export function keysOf(companyId: string): Keys {
  return {
    all: (noun) => [companyId, noun],
    list: (noun, query) => [companyId, noun, 'list', query],
    item: (noun, id) => [companyId, noun, 'item', id],
  }
}

/** The keys of the company the page is in. */
export function useKeys(): Keys {
  const session = useSession()
  return {
    all: (noun) => keysOf(session.companyId).all(noun),
    list: (noun, query) => keysOf(session.companyId).list(noun, query),
    item: (noun, id) => keysOf(session.companyId).item(noun, id),
  }
}
