/** The inbox: its pages, and marking what is in it as read or done. */
import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useKeys } from '@/api/keys'
import { ask } from '@/shared/ask/ask'
import { attempt } from '@/shared/attempt'
import { useNotices } from '@/shared/notices'
import { mark, markAll, readInbox, type InboxQuery, type Notification, type NotificationPage } from './api'

export function useInbox(query: () => InboxQuery) {
  const keys = useKeys()
  const queries = useQueryClient()
  const notices = useNotices()
  const { t } = useI18n()
  const list = useInfiniteQuery({
    queryKey: computed(() => keys.list('notifications', query())),
    queryFn: ({ pageParam, signal }) => readInbox({ ...query(), cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  })
  const items = computed<Notification[]>(() => list.data.value?.pages.flatMap((page) => page.items) ?? [])

  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: keys.all('notifications') })
  const recount = (): Promise<void> => queries.invalidateQueries({ queryKey: keys.item('notifications', 'count') })

  /** Changes the item in every list that has it, or takes it out where `changed` returns null. */
  function changeListed(id: number, changed: (item: Notification) => Notification | null): void {
    queries.setQueriesData<InfiniteData<NotificationPage>>({ queryKey: [...keys.all('notifications'), 'list'] }, (data) => data && {
      ...data,
      pages: data.pages.map((page) => ({ ...page, items: page.items.flatMap((item) => (item.id === id ? (changed(item) ?? []) : item)) })),
    })
  }

  /** Marks it as read and returns it; null where it is no longer there. */
  async function read(id: number): Promise<Notification | null> {
    changeListed(id, (item) => ({ ...item, read_at: item.read_at ?? item.at }))
    try {
      const marked = await mark(id, { is_read: true })
      // A list that came meanwhile may still have it unread.
      changeListed(id, () => marked)
      return marked
    } catch {
      return null
    } finally {
      await recount()
    }
  }

  function setDone(item: Notification, isDone: boolean): Promise<boolean> {
    changeListed(item.id, () => null)
    return attempt(notices, () => mark(item.id, { is_done: isDone }), refresh)
  }

  /** Marks it as done, or as open again where it was done. */
  async function toggleDone(item: Notification): Promise<void> {
    const isDone = item.done_at === null
    if (await setDone(item, isDone)) notices.done(t(isDone ? 'inbox.was_done' : 'inbox.was_reopened'), () => setDone(item, !isDone))
  }

  /** Marks everything as done; what is not listed yet only after a question, for it cannot be brought back in one step. */
  async function doneWithAll(): Promise<void> {
    const listed = items.value
    const isAllListed = !list.hasNextPage.value
    if (!isAllListed && !(await ask({ title: t('inbox.all_done_title'), text: t('inbox.all_done_text'), confirm: t('inbox.all_done'), cancel: t('common.cancel') }))) return
    await attempt(notices, async () => {
      const { count } = await markAll({ done: isAllListed ? listed.map(({ id }) => id) : 'all' })
      notices.done(t('inbox.were_done', count), isAllListed ? () => reopen(listed) : undefined)
    }, refresh)
  }

  function reopen(listed: readonly Notification[]): Promise<boolean> {
    return attempt(notices, async () => {
      for (const { id } of listed) await mark(id, { is_done: false })
    }, refresh)
  }

  return { list, items, read, toggleDone, doneWithAll }
}
