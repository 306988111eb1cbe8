/** Every cache key begins with the company, so that nothing read for one is ever shown for another. */
import { useSession } from '@/session/store'

export type Key = readonly unknown[]

export interface Keys {
  /** Everything of a collection, or of another cached read such as `activity`: lists, items, counts. */
  all: (collection: string) => Key
  list: (collection: string, query: object) => Key
  item: (collection: string, id: number | string) => Key
}

export function keysOf(companyId: string): Keys {
  return {
    all: (collection) => [companyId, collection],
    list: (collection, query) => [companyId, collection, 'list', query],
    item: (collection, id) => [companyId, collection, 'item', id],
  }
}

/** The keys of the company the page is in. */
export function useKeys(): Keys {
  const session = useSession()
  return {
    all: (collection) => keysOf(session.companyId).all(collection),
    list: (collection, query) => keysOf(session.companyId).list(collection, query),
    item: (collection, id) => keysOf(session.companyId).item(collection, id),
  }
}
