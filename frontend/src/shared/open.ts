/** The side panel: `?open=contact-42` or `?open=task-3` on any page, so that it can be linked and gone back from. */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw, type RouteLocationRaw } from 'vue-router'

export type Openable = 'contact' | 'task'

export function useOpen() {
  const route = useRoute()
  const router = useRouter()

  const opened = computed<{ noun: Openable; id: number } | null>(() => {
    const found = /^(contact|task)-([1-9]\d{0,17})$/.exec(String(route.query.open ?? ''))
    return found ? { noun: found[1] as Openable, id: Number(found[2]) } : null
  })

  const withOpen = (open: string | undefined): RouteLocationRaw => {
    const query: LocationQueryRaw = { ...route.query, open }
    return { path: route.path, query, hash: route.hash }
  }
  /** Where a link to the panel of an item leads. */
  const to = (noun: Openable, id: number): RouteLocationRaw => withOpen(`${noun}-${id}`)

  async function open(noun: Openable, id: number): Promise<void> {
    await router.push(to(noun, id))
  }
  async function close(): Promise<void> {
    await router.push(withOpen(undefined))
  }
  return { opened, to, open, close }
}
