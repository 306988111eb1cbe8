/** The people of the company, for naming them in what is written. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useMembers } from '@/members/useMembers'
import { useSession } from '@/session/store'
import { asKept, asWritten, toldApart } from '@/shared/markdown/mentions'
import type { Naming } from '@/shared/markdown/render'

export function useNaming() {
  const { t } = useI18n()
  const session = useSession()
  const { members, nameOf } = useMembers()
  const people = computed(() => toldApart(members.value.map(({ id, name, email }) => ({ id, name, detail: email }))))
  const naming: Naming = { nameOf: (id) => nameOf(id) || t('common.former_member'), isMe: (id) => id === session.userId }
  return {
    people,
    naming,
    kept: (text: string): string => asKept(text, people.value),
    written: (body: string): string => asWritten(body, people.value),
  }
}
