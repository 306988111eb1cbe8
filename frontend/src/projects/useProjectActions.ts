/** Actions on projects. */
import { useI18n } from 'vue-i18n'
import type { Project } from '@/api/types'
import { useNotices } from '@/shared/notices'
import { useRecords } from '@/shared/records/changing'
import { projects } from './api'
import type { ProjectStatus } from './filters'

export function useProjectActions() {
  const { t } = useI18n()
  const notices = useNotices()
  const records = useRecords(projects)

  /** Returns whether the status was set; refetches lists that no longer include the project. */
  async function setStatus(project: Project, status: ProjectStatus): Promise<boolean> {
    try {
      const isDone = await records.change(project, { status }, { done: t('projects.status_set', { status: t(`projects.status_${status}`) }) })
      await records.refresh()
      return isDone
    } catch (problem) {
      notices.failed(problem)
      return false
    }
  }

  const remove = (project: Project): Promise<void> => records.remove([project], t('projects.removed', { name: project.name }))

  return { ...records, setStatus, remove }
}
