/** Copies an address of this page to the clipboard. */
import { useI18n } from 'vue-i18n'
import { useNotices } from './notices'

export function useCopyLink() {
  const { t } = useI18n()
  const notices = useNotices()

  return async (path: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(new URL(path, window.location.origin).href)
      notices.done(t('common.link_copied'))
    } catch (error) {
      notices.failed(error, t('common.copy_failed'))
    }
  }
}
