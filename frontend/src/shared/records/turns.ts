/** One change of a record after the other: each is based on what the one before has written. */
import type { WithEtag } from '@/api/client'
import type { Row } from '@/api/entityApi'
import { rememberEtag } from './etags'

const saving = new Map<string, Promise<WithEtag<Row>>>()

/** Saves when the changes of the record that are under way have ended; `base` is what the last of them wrote, or the item. */
export async function inTurn<Item extends Row>(
  collection: string,
  item: Item,
  save: (base: Item) => Promise<WithEtag<Item>>,
): Promise<WithEtag<Item>> {
  const key = `${collection} ${item.id}`
  const before = saving.get(key) as Promise<WithEtag<Item>> | undefined
  const mine = remembering(collection, before ? before.then(({ data }) => save(data), () => save(item)) : save(item))
  saving.set(key, mine)
  try {
    return await mine
  } finally {
    if (saving.get(key) === mine) saving.delete(key)
  }
}

async function remembering<Item extends Row>(collection: string, saved: Promise<WithEtag<Item>>): Promise<WithEtag<Item>> {
  const { data, etag } = await saved
  rememberEtag(collection, data, etag)
  return { data, etag }
}
