/** What may be done with an entry, and doing it. */
import { useI18n } from 'vue-i18n'
import type { Entry, EntryPatch } from '@/api/types'
import { useSession } from '@/session/store'
import { useNotices } from '@/shared/notices'
import { useRecords } from '@/shared/records/changing'
import { entries } from './api'

export function useEntryActions() {
  const { t } = useI18n()
  const session = useSession()
  const notices = useNotices()
  const records = useRecords(entries)

  const mayWrite = (): boolean => session.may('entry:write')
  const isMine = (entry: Entry): boolean => entry.created_by === session.userId
  const mayEdit = (entry: Entry): boolean => mayWrite() && isMine(entry)
  /** Who manages what others made may throw away their words, and never change them. */
  const mayRemove = (entry: Entry): boolean => mayWrite() && (isMine(entry) || session.may('view:manage'))

  const change = (entry: Entry, patch: EntryPatch): Promise<boolean> => records.change(entry, patch, { done: t('entries.changed') })
  const remove = (entry: Entry): Promise<void> => records.remove([entry], t('entries.removed'))

  async function pin(entry: Entry): Promise<void> {
    try {
      await records.change(entry, { is_pinned: !entry.is_pinned }, { done: t(entry.is_pinned ? 'entries.unpinned' : 'entries.pinned') })
    } catch (problem) {
      notices.failed(problem)
    }
  }

  /** Returns the reply. Throws `ApiProblem`. */
  async function reply(entry: Entry, body: string): Promise<Entry> {
    const made = await records.create({ parent_id: entry.id, kind: 'comment', body })
    notices.done(t('entries.replied'), () => remove(made))
    return made
  }

  return { mayWrite, mayEdit, mayRemove, change, remove, pin, reply }
}
