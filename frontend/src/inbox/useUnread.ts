/** How many notifications are unread: asked again every minute while the page is visible, and after one's own actions. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useKeys } from '@/api/keys'
import { useSession } from '@/session/store'
import { countUnread } from './api'

const EVERY_MS = 60_000
export const MAY_READ = 'notification:own'

export function useUnread() {
  const keys = useKeys()
  const session = useSession()
  const query = useQuery({
    queryKey: computed(() => keys.item('notifications', 'count')),
    enabled: computed(() => session.may(MAY_READ)),
    queryFn: ({ signal }) => countUnread(signal),
    refetchInterval: EVERY_MS,
    staleTime: EVERY_MS / 2,
  })
  return computed(() => query.data.value?.unread ?? 0)
}

/** As it stands in a badge. */
export const badgeOf = (unread: number): string => (unread > 99 ? '99+' : String(unread))
