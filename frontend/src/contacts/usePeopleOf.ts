/** Who works for an organisation, as far as a page has room for them. */
import { computed } from 'vue'
import type { Contact } from '@/api/types'
import { useList } from '@/shared/records/reading'
import { contacts } from './api'

const MOST = 100

export function usePeopleOf(contact: () => Contact | undefined) {
  const list = useList(contacts, () => {
    const one = contact()
    return one?.kind === 'organization' ? { organization_id: one.id, sort: 'name' as const, limit: MOST } : null
  })
  return { list, people: computed(() => list.data.value?.items ?? []) }
}
