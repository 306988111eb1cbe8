/** Asks whether unsaved input may be lost. */
import { useI18n } from 'vue-i18n'
import { ask } from './ask'

export function useLeaving() {
  const { t } = useI18n()
  return (text = t('common.leave_unsaved')): Promise<boolean> =>
    ask({ title: t('pick.leave_title'), text, confirm: t('pick.leave'), cancel: t('pick.stay'), isDestructive: true })
}
