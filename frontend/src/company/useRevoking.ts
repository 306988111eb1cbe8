/** Revokes support access; who is there is out within a second. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, body } from '@/api/client'
import { useNotices } from '@/shared/notices'
import { useSupport, type SupportGrant } from './useSupport'

export function useRevoking() {
  const { t } = useI18n()
  const notices = useNotices()
  const { query } = useSupport()
  const isRevoking = ref(false)

  async function revoke(grant: SupportGrant): Promise<void> {
    isRevoking.value = true
    try {
      await body(api.DELETE('/api/company/support/{grant_id}', { params: { path: { grant_id: grant.id } } }))
      notices.done(t('company.support_revoked'))
    } catch (error) {
      notices.failed(error, t('common.action_failed'))
    } finally {
      await query.refetch()
      isRevoking.value = false
    }
  }

  return { revoke, isRevoking }
}
