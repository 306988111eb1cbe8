/** Bulk changes to contacts, in batches of the size the server accepts. */
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
  /** The number processed while a bulk change runs. */
  const done = ref<number | null>(null)

  async function inPortions(items: readonly Contact[], work: (portion: readonly Contact[]) => Promise<unknown>): Promise<void> {
    if (items.length > PORTION) done.value = 0
    try {
      for (let start = 0; start < items.length; start += PORTION) {
        await work(items.slice(start, start + PORTION))
        if (done.value !== null) done.value += Math.min(PORTION, items.length - start)
      }
    } finally {
      done.value = null
    }
  }

  const changeAll = (items: readonly Contact[], patchOf: (contact: Contact) => ContactPatch, said: string): Promise<void> =>
    inPortions(items, (portion) => records.changeMany(portion, patchOf, said))

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
    inPortions(items, (portion) => records.remove(portion, t('contacts.removed', portion.length)))

  return { done, addTag, removeTag, setOwner, remove }
}
