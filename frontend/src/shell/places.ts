/** The places of the navigation. */
import { entityOf, LINKED_TYPES, listPath, type Permission } from '@/entities'
import { MAY_READ } from '@/inbox/useUnread'

export interface Place {
  to: string
  /** i18n keys: its name, the command to go there, and further search words. */
  label: string
  go: string
  words: string
  icon: string
  /** The second key of its shortcut, after `g`. */
  key?: string
  /** Who may not do this has no such place. */
  permission?: Permission
}

export const INBOX = '/inbox'

/** The main places: home, the inbox, and a list per entity that has pages. */
export const PLACES: readonly Place[] = [
  { to: '/', label: 'shell.home', go: 'shell.go_home', words: 'shell.home_words', icon: 'i-lucide-house', key: 'h' },
  { to: INBOX, label: 'inbox.title', go: 'inbox.go', words: 'inbox.go_words', icon: 'i-lucide-inbox', key: 'i', permission: MAY_READ },
  ...LINKED_TYPES.map((type): Place => {
    const { collection, pages } = entityOf(type)
    return {
      to: listPath(type), label: `${collection}.title`, go: `${collection}.go`, words: `${collection}.go_words`,
      icon: pages?.icon ?? '', key: pages?.key,
    }
  }),
]

export const MORE_PLACES: readonly Place[] = [
  { to: '/trash', label: 'trash.title', go: 'trash.go', words: 'trash.go_words', icon: 'i-lucide-trash-2' },
  { to: '/settings', label: 'settings.title', go: 'settings.go', words: 'settings.go_words', icon: 'i-lucide-settings' },
]

export function isAt(path: string, place: string): boolean {
  return place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`)
}

/** Those of the places that are for whoever has these permissions. */
export const placesFor = (places: readonly Place[], may: (permission: Permission) => boolean): Place[] =>
  places.filter(({ permission }) => permission === undefined || may(permission))
