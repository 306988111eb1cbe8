/**
 * Parts of the page that are loaded when they are needed. Without a connection they wait for it, and say so; what is
 * still missing when the server can be reached belongs to another build, or is broken.
 */
import { computed, defineAsyncComponent, ref, type Component } from 'vue'
import { isOutdated, isReachable, untilReachable } from '@/api/reachable'

/** A part that cannot be loaded although the server can be reached; the page has said so. */
export class PartMissing extends Error {
  constructor(cause: unknown) {
    super('part missing', { cause })
    this.name = 'PartMissing'
  }
}

const waiting = ref(0)
const missing = ref<'outdated' | 'broken' | null>(null)

/** What keeps parts from being loaded. */
export const partTrouble = computed(() => missing.value ?? (waiting.value > 0 ? 'offline' : null))

/** The address that was asked for in vain, for reloading the page there. */
export const wantedAddress = ref<string | null>(null)

/** Returns the loader with patience. It throws `PartMissing`, or what the part throws when it starts. */
export function patiently<Part>(load: () => Promise<Part>): () => Promise<Part> {
  return async () => {
    for (;;) {
      try {
        return await load()
      } catch (error) {
        if (!(error instanceof Error) || !isNotLoaded(error)) throw error
        if (await isReachable()) return await lastTry(load, error)
        await waitForServer()
      }
    }
  }
}

/** A component that is loaded when it is first shown. */
export const part = <Shown extends Component>(load: () => Promise<{ default: Shown }>): Shown => defineAsyncComponent(patiently(load))

/** What browsers and Vite say when a file of the page does not arrive. */
function isNotLoaded(error: Error): boolean {
  return /dynamically imported module|importing a module script|preload css|module script/i.test(error.message)
}

async function waitForServer(): Promise<void> {
  waiting.value += 1
  try {
    await untilReachable()
  } finally {
    waiting.value -= 1
  }
}

async function lastTry<Part>(load: () => Promise<Part>, first: Error): Promise<Part> {
  try {
    return await load()
  } catch {
    missing.value = (await isOutdated().catch(() => false)) ? 'outdated' : 'broken'
    throw new PartMissing(first)
  }
}
