/** Adds the typed words as a task of one's own. */
import { useI18n } from 'vue-i18n'
import { useSession } from '@/session/store'
import { useNotices } from '@/shared/notices'
import { useOpen } from '@/shared/open'
import { useRecords } from '@/shared/records/changing'
import { tasks } from '@/tasks/api'
import type { Entry } from './entries'

export function useAddTask() {
  const { t } = useI18n()
  const session = useSession()
  const notices = useNotices()
  const { open } = useOpen()
  const { create } = useRecords(tasks)

  async function add(title: string): Promise<void> {
    try {
      const task = await create({ title, assignee_ids: session.selfIds })
      await open('task', task.id)
    } catch (error) {
      notices.failed(error)
    }
  }

  /** The entry that adds a task with this title; none without permission. */
  return (title: string): Entry[] =>
    title && session.may('task:write')
      ? [{ key: 'add-task', group: 'add', icon: 'i-lucide-circle-plus', title: t('palette.add_task', { title }), run: () => add(title) }]
      : []
}
