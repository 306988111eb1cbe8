/** The side panel: `?open=contact-42` on any page, so that it can be linked and works with the back button. */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw, type RouteLocationRaw } from 'vue-router'
import { entityOf, isLinkedType, itemPath, type AddressedType, type LinkedType } from '@/entities'

export interface Reference {
  type: LinkedType
  id: number
}

/** Parses `contact-42`; null for anything without a panel. */
export function panelOf(open: unknown): Reference | null {
  const [, type = '', id] = /^([a-z_]+)-([1-9]\d{0,17})$/.exec(String(open ?? '')) ?? []
  return isLinkedType(type) && entityOf(type).panel ? { type, id: Number(id) } : null
}

export function useOpen() {
  const route = useRoute()
  const router = useRouter()
  const opened = computed(() => panelOf(route.query.open))

  const withOpen = (open: string | undefined): RouteLocationRaw => {
    const query: LocationQueryRaw = { ...route.query, open }
    return { path: route.path, query, hash: route.hash }
  }
  /** The link to an item: to its panel on this page, or to its own page where it has no panel. */
  const to = (type: AddressedType, id: number): RouteLocationRaw =>
    entityOf(type).panel ? withOpen(`${type}-${id}`) : itemPath(type, id)

  const isOpen = (type: LinkedType, id: number): boolean => opened.value?.type === type && opened.value.id === id

  async function open(type: AddressedType, id: number): Promise<void> {
    await router.push(to(type, id))
  }
  async function close(): Promise<void> {
    await router.push(withOpen(undefined))
  }
  return { opened, isOpen, to, open, close }
}
