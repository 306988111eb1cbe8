/** The trash over HTTP. */
import { api, body, withoutEmpty, type Schemas } from '@/api/client'

export type TrashItem = Schemas['TrashItem']
export type TrashPage = Schemas['TrashPage']

type Remove = (path: string, options: object) => Promise<{ data?: undefined; error?: unknown; response: Response }>

export const TRASH = {
  page: (q: string, cursor: string | undefined, signal?: AbortSignal): Promise<TrashPage> =>
    body(api.GET('/api/trash', { params: { query: withoutEmpty({ limit: 100, q, cursor }) }, signal })),
  /** The address is one of those that items come with, which the client's types do not know by name. */
  purge: (item: TrashItem): Promise<undefined> => body((api.DELETE as unknown as Remove)(item.links.purge!, {})),
  empty: (): Promise<undefined> => body(api.DELETE('/api/trash')),
}
