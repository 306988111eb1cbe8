/** Bulk changes to contacts. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Contact, ContactPatch } from '@/api/types'
import { useRecords } from '@/shared/records/changing'
import { cursorOf } from '@/api/entityApi'
import { contacts, type ContactQuery } from './api'

const PORTION = 1_000

/** Reads every contact that matches the query; `onRead` receives the count so far. */
export async function everyMatching(query: ContactQuery, onRead: (read: number) => void): Promise<Contact[]> {
  const found: Contact[] = []
  let cursor: string | undefined
  do {
    const page = await contacts.page({ ...query, limit: PORTION, count: false, cursor })
    found.push(...page.items)
    onRead(found.length)
    cursor = cursorOf(page.next)
  } while (cursor !== undefined)
  return found
}

export function useContactBulk() {
  const { t } = useI18n()
  const records = useRecords(contacts)
  /** The number processed while a bulk change of several portions runs. */
  const done = ref<number | null>(null)

  async function counted(items: readonly Contact[], work: (onDone: (count: number) => void) => Promise<unknown>): Promise<void> {
    if (items.length > PORTION) done.value = 0
    try {
      await work((count) => done.value !== null && (done.value = count))
    } finally {
      done.value = null
    }
  }

  const changeAll = (items: readonly Contact[], patchOf: (contact: Contact) => ContactPatch, said: string): Promise<void> =>
    counted(items, (onDone) => records.changeMany(items, patchOf, said, onDone))

  const addTag = (items: readonly Contact[], tag: string): Promise<void> =>
    changeAll(
      items.filter((contact) => !contact.tags.includes(tag)),
      (contact) => ({ tags: [...contact.tags, tag] }),
      t('contacts.tagged', { tag }),
    )
  const removeTag = (items: readonly Contact[], tag: string): Promise<void> =>
    changeAll(
      items.filter((contact) => contact.tags.includes(tag)),
      (contact) => ({ tags: contact.tags.filter((other) => other !== tag) }),
      t('contacts.untagged', { tag }),
    )
  const setOwner = (items: readonly Contact[], owner: string | null): Promise<void> =>
    changeAll(items, () => ({ owner_id: owner }), t('contacts.owner_set'))
  const remove = (items: readonly Contact[]): Promise<void> =>
    counted(items, (onDone) => records.remove(items, t('contacts.removed', items.length), onDone))

  return { done, addTag, removeTag, setOwner, remove }
}
