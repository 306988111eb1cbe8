/** The ETags of items read, by version, so that a change can name the version it is based on. */
import type { Row } from '@/api/entityApi'

const known = new Map<string, { version: number; etag: string }>()
const MOST = 2_000

export function rememberEtag(collection: string, item: Row, etag: string | null): void {
  if (etag === null) return
  const key = `${collection} ${item.id}`
  known.delete(key)
  known.set(key, { version: item.version, etag })
  if (known.size > MOST) known.delete(known.keys().next().value ?? '')
}

/** The ETag of exactly this version; undefined when the item was only seen in a list. */
export function etagOf(collection: string, item: Row): string | undefined {
  const found = known.get(`${collection} ${item.id}`)
  return found?.version === item.version ? found.etag : undefined
}

export function forgetEtags(): void {
  known.clear()
}
