/** What a filter of the contacts is called, as a chip and in the name of a view. */
import { useI18n } from 'vue-i18n'
import { useMembers } from '@/members/useMembers'
import { useFormat } from '@/shared/format'
import { useNames } from '@/shared/useNames'
import { useContactView, type Filter } from './filters'

export function useFilterWords() {
  const { t } = useI18n()
  const format = useFormat()
  const { view } = useContactView()
  const members = useMembers()
  const { nameOf } = useNames('contact', () => [view.value.organization_id ? Number(view.value.organization_id) : null])

  function said(name: Filter, value: string): string {
    switch (name) {
      case 'kind':
        return t(value === 'person' ? 'contacts.people' : 'contacts.organizations')
      case 'owner_id':
        return members.nameOf(value) || t('common.former_member')
      case 'organization_id':
        return nameOf(Number(value)) || '…'
      case 'country':
        return format.country(value)
      case 'untouched_for_days':
        return t('contacts.untouched', Number(value))
      case 'updated_after':
      case 'created_after':
        return `${t(`contacts.${name}`)} ${format.longDay(value)}`
      default:
        return value
    }
  }

  return { said }
}
