/** The entries of a record's menu for being told of what happens to it; read when the menu is about to open. */
import type { DropdownMenuItem } from '@nuxt/ui'
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useKeys } from '@/api/keys'
import type { LinkedType } from '@/entities'
import { useSession } from '@/session/store'
import { attempt } from '@/shared/attempt'
import { useNotices } from '@/shared/notices'
import { changeWatch, readWatch, type Watch } from './api'
import { MAY_READ } from './useUnread'

export function useWatch(type: LinkedType, id: () => number) {
  const { t } = useI18n()
  const keys = useKeys()
  const queries = useQueryClient()
  const notices = useNotices()
  const session = useSession()
  const isWanted = ref(false)
  const queryKey = computed(() => keys.list('watches', { type, id: id() }))
  const query = useQuery({
    queryKey,
    enabled: computed(() => isWanted.value && session.may(MAY_READ)),
    queryFn: ({ signal }) => readWatch(type, id(), signal),
  })

  function change(wish: Partial<Watch>): Promise<boolean> {
    return attempt(notices, async () => queries.setQueryData(queryKey.value, await changeWatch(type, id(), wish)))
  }

  async function toggle(name: keyof Watch, now: boolean): Promise<void> {
    if (await change({ [name]: !now })) notices.done(t(`inbox.${name}_${!now}`), () => change({ [name]: now }))
  }

  const items = computed<DropdownMenuItem[]>(() => {
    if (!session.may(MAY_READ)) return []
    const { is_watching, is_muted } = query.data.value ?? { is_watching: false, is_muted: false }
    const disabled = !query.data.value
    return [
      { label: t(is_watching ? 'inbox.unwatch' : 'inbox.watch'), icon: is_watching ? 'i-lucide-eye-off' : 'i-lucide-eye', disabled, onSelect: () => void toggle('is_watching', is_watching) },
      { label: t(is_muted ? 'inbox.unmute' : 'inbox.mute'), icon: is_muted ? 'i-lucide-bell' : 'i-lucide-bell-off', disabled, onSelect: () => void toggle('is_muted', is_muted) },
    ]
  })
  return { items, prepare: () => (isWanted.value = true) }
}
