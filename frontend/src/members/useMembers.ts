/** The members of the company, and who left it, by id. */
import { useQuery } from '@tanstack/vue-query'
import { createSharedComposable } from '@vueuse/core'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, body } from '@/api/client'
import { useKeys } from '@/api/keys'
import { useSupport } from '@/company/useSupport'
import type { Member } from '@/api/types'
import { useSession } from '@/session/store'

/** Shared by the whole page, because long lists show people in every row. */
export const useMembers = createSharedComposable(() => {
  const keys = useKeys()
  const session = useSession()
  const support = useSupport()
  const { t } = useI18n()
  const query = useQuery({
    queryKey: computed(() => keys.list('members', {})),
    enabled: computed(() => session.isSignedIn),
    queryFn: async ({ signal }) => (await body(api.GET('/api/members', { signal }))).items,
    staleTime: 60_000,
  })
  const past = useQuery({
    queryKey: computed(() => keys.list('members', { left: true })),
    enabled: computed(() => session.isSignedIn),
    queryFn: async ({ signal }) => (await body(api.GET('/api/members', { params: { query: { left: true } }, signal }))).items,
    staleTime: 300_000,
  })
  const left = computed<Member[]>(() => past.data.value ?? [])
  const leftById = computed(() => new Map(left.value.map((person) => [person.id, person.name])))
  const members = computed<Member[]>(() => query.data.value ?? [])
  const byId = computed(() => new Map(members.value.map((member) => [member.id, member])))
  /** The name of a member, of support, or of somebody who left, which it says; empty for nobody and strangers. */
  function nameOf(id: string | null | undefined): string {
    if (!id) return ''
    const former = leftById.value.get(id)
    return byId.value.get(id)?.name ?? support.nameById.value.get(id) ?? (former ? t('common.left_member', { name: former }) : '')
  }
  /** Those of the people who are no members any more, to be offered beside the members. */
  const leftAmong = (ids: readonly string[]): { id: string; name: string }[] =>
    query.isSuccess.value ? ids.filter((id) => !byId.value.has(id)).map((id) => ({ id, name: nameOf(id) || t('common.former_member') })) : []
  return { ...query, members, left, byId, nameOf, leftAmong }
})
