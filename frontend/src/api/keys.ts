/** Cache keys. Each begins with the company, so that data of one is never shown for another. */
import { currentScope } from './scope'

export type Key = readonly unknown[]

export interface Keys {
  /** Everything of a collection, or of another cached read such as `activity`. */
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

/** The keys of the current company. */
export function useKeys(): Keys {
  return {
    all: (collection) => keysOf(currentScope().companyId).all(collection),
    list: (collection, query) => keysOf(currentScope().companyId).list(collection, query),
    item: (collection, id) => keysOf(currentScope().companyId).item(collection, id),
  }
}
