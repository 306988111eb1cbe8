/** What is in the trash, and what can be done with it. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { cursorOf, entityApi } from '@/api/entityApi'
import { useKeys } from '@/api/keys'
import { useSession } from '@/session/store'
import { ask } from '@/shared/ask/ask'
import { useNotices } from '@/shared/notices'
import { TRASH, type TrashItem } from './api'

export const idOf = (item: TrashItem): string => `${item.type}-${item.id}`

export function useTrash(words: Ref<string>) {
  const { t } = useI18n()
  const keys = useKeys()
  const queries = useQueryClient()
  const session = useSession()
  const notices = useNotices()
  /** What is being restored or deleted. */
  const busy = reactive(new Set<string>())
  const isEmptying = ref(false)

  const list = useInfiniteQuery({
    queryKey: computed(() => keys.list('trash', { q: words.value })),
    queryFn: ({ pageParam, signal }) => TRASH.page(words.value, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
    staleTime: 0,
  })
  const items = computed<TrashItem[]>(() => list.data.value?.pages.flatMap((page) => page.items) ?? [])

  async function settled(action: () => Promise<unknown>, done: string, failed: string): Promise<void> {
    try {
      await action()
      notices.done(done)
    } catch (error) {
      notices.failed(error, failed)
    }
    await queries.invalidateQueries({ queryKey: [session.companyId] })
  }

  async function onItem(item: TrashItem, action: () => Promise<unknown>, done: string, failed: string): Promise<void> {
    busy.add(idOf(item))
    await settled(action, done, failed)
    busy.delete(idOf(item))
  }

  const restore = (item: TrashItem): Promise<void> =>
    onItem(item, () => entityApi(item.type).restore(item.id), t('trash.restored', { name: item.name }), t('trash.restore_failed'))

  async function purge(item: TrashItem): Promise<void> {
    const question = { title: t('trash.purge_title', { name: item.name }), text: t('trash.purge_text') }
    if (!(await isSure(question, t('trash.purge')))) return
    await onItem(item, () => TRASH.purge(item), t('trash.purged', { name: item.name }), t('trash.purge_failed'))
  }

  async function empty(): Promise<void> {
    if (!(await isSure({ title: t('trash.empty_title'), text: t('trash.empty_question') }, t('trash.empty_all')))) return
    isEmptying.value = true
    await settled(TRASH.empty, t('trash.emptied'), t('trash.purge_failed'))
    isEmptying.value = false
  }

  const isSure = (question: { title: string; text: string }, confirm: string): Promise<boolean> =>
    ask({ ...question, confirm, cancel: t('common.cancel'), isDestructive: true })

  return { list, items, busy, isEmptying, restore, purge, empty }
}
