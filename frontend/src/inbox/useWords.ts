/** A notification in words. */
import { useI18n } from 'vue-i18n'
import { useNaming } from '@/entries/useNaming'
import { ENTITIES, isLinkedType } from '@/entities'
import { useMembers } from '@/members/useMembers'
import type { Notification } from './api'

export function useWords() {
  const { t } = useI18n()
  const { nameOf } = useMembers()
  const { written } = useNaming()

  const typeWord = (noun: string): string => (isLinkedType(noun) ? t(`${ENTITIES[noun].collection}.one`) : '')

  /** Who did it; the kind itself where a day came. */
  const who = ({ by }: Notification): string => (by === null ? '' : nameOf(by) || t('common.former_member'))

  /** What was done: “mentioned you”, “gave you 12 tasks”. */
  function did({ kind, noun, entry_id, count, is_batch }: Notification): string {
    if (is_batch && isLinkedType(noun)) return t(kind === 'assigned' ? 'inbox.assigned_many' : 'inbox.watched_many', { what: t(`${ENTITIES[noun].collection}.count`, { n: count }, count) })
    if (kind === 'watched') return t(entry_id === null ? 'inbox.changed' : 'inbox.wrote')
    return kind === 'assigned' && noun !== 'task' ? t('inbox.assigned_other') : t(`inbox.${kind}`)
  }

  /** What the record is called; of many, one of them and how many more. */
  function title({ title: name, is_batch, count }: Notification): string {
    if (name === null) return is_batch ? '' : t('inbox.gone')
    return is_batch && count > 1 ? t('inbox.and_more', { title: name, n: count - 1 }, count - 1) : name
  }
  /** What was written, else what the record is called. */
  const line = (item: Notification): string => (item.excerpt ? written(item.excerpt).replaceAll(/\s+/g, ' ') : title(item))
  const below = (item: Notification): string => (item.excerpt ? title(item) : item.is_batch ? '' : typeWord(item.noun))

  return { who, did, line, below }
}
