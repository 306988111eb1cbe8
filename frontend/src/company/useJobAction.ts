/** Does something about the company's jobs at a click; after a failure, they are read anew. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useNotices } from '@/shared/notices'
import { useCompanyJobs } from './useCompanyJobs'

export function useJobAction() {
  const { t } = useI18n()
  const notices = useNotices()
  const { list } = useCompanyJobs()
  const isSending = ref(false)

  async function attempt(action: () => Promise<void>): Promise<void> {
    isSending.value = true
    try {
      await action()
    } catch (error) {
      notices.failed(error, t('common.action_failed'))
      await list.refetch()
    } finally {
      isSending.value = false
    }
  }

  return { isSending, attempt }
}
