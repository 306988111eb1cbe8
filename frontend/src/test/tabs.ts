/** Tabs of one browser: separate modules with shared locks, storage and channel. */
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'
import { createApp } from 'vue'

export type Handler = (request: Request) => Response | Promise<Response>

let channels: FakeChannel[] = []

class FakeChannel {
  onmessage: ((event: { data: unknown }) => void) | null = null
  constructor(readonly name: string) {
    channels.push(this)
  }
  /** As in a browser: other tabs receive it asynchronously, the sender never. */
  postMessage(data: unknown): void {
    const copy: unknown = structuredClone(data)
    for (const channel of channels) if (channel !== this && channel.name === this.name) queueMicrotask(() => channel.onmessage?.({ data: copy }))
  }
}

function fakeLocks() {
  const tails = new Map<string, Promise<unknown>>()
  return {
    request: <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      const turn = (tails.get(name) ?? Promise.resolve()).then(work)
      tails.set(name, turn.catch(() => undefined))
      return turn
    },
  }
}

/** Opens a new browser whose requests `handler` answers. */
export function openBrowser(handler: Handler): void {
  channels = []
  localStorage.clear()
  vi.stubGlobal('BroadcastChannel', FakeChannel)
  vi.stubGlobal('fetch', async (request: Request) => await handler(request))
  Object.defineProperty(navigator, 'locks', { value: fakeLocks(), configurable: true })
}

/** Opens a tab with its own session store, API client and cache. */
export async function openTab() {
  vi.resetModules()
  const { api } = await import('@/api/client')
  const { useSession } = await import('@/session/store')
  const tokens = await import('@/session/tokens')
  const queries = new QueryClient()
  const pinia = createPinia()
  createApp({}).use(pinia).use(VueQueryPlugin, { queryClient: queries })
  setActivePinia(pinia)
  return { api, tokens, queries, session: useSession(pinia) }
}

export function json(status: number, body: object): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
}
