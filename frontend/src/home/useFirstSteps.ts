/** The first three steps of a new company; each completes itself. */
import { useLocalStorage } from '@vueuse/core'
import { computed, watchEffect } from 'vue'
import { contacts } from '@/contacts/api'
import { useMembers } from '@/members/useMembers'
import { projects } from '@/projects/api'
import { useSession } from '@/session/store'
import { useList } from '@/shared/records/reading'

const COUNTED = { limit: 1, count: true, fields: 'id' }

export function useFirstSteps() {
  const session = useSession()
  const settled = useLocalStorage<string[]>('crmtenant.first-steps', [])
  const isWanted = computed(() => session.may('member:write') && !settled.value.includes(session.companyId))
  const asked = computed(() => (isWanted.value ? COUNTED : null))
  const known = useList(contacts, asked)
  const planned = useList(projects, asked)
  const { members, isSuccess } = useMembers()

  const isKnown = computed(() => isWanted.value && known.isSuccess.value && planned.isSuccess.value && isSuccess.value)
  const isDone = computed(() => ({
    contacts: (known.data.value?.total ?? 0) > 0,
    project: (planned.data.value?.total ?? 0) > 0,
    colleagues: members.value.length > 1,
  }))

  function settle(): void {
    if (!settled.value.includes(session.companyId)) settled.value = [...settled.value, session.companyId]
  }

  // A company that has completed all steps is not asked again.
  watchEffect(() => {
    if (isKnown.value && Object.values(isDone.value).every(Boolean)) settle()
  })

  return { isShown: isKnown, isDone, hide: settle }
}
