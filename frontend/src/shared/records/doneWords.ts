/** What was done to a record, in words, for saying that it was taken back. */
import { entityOf, typeOf } from '@/entities'

type Translate = (key: string, values: Record<string, unknown>) => string
interface Words {
  t: Translate
  te: (key: string) => boolean
}

const LONGEST = 60
/** What nobody wants to read. */
const UNSPOKEN = new Set(['position'])

export const createdWords = (collection: string, item: object, t: Translate): string =>
  t('changes.was_created', { type: t(`${collection}.one`, {}), name: titleOf(collection, item) })

export function changedWords(collection: string, item: object, patch: object, { t, te }: Words): string {
  const before = item as Record<string, unknown>
  const names = Object.entries(patch).filter(([name, value]) => !UNSPOKEN.has(name) && before[name] !== value).map(([name]) => name)
  const fields = names.filter((name) => te(`fields.${name}`)).map((name) => t(`fields.${name}`, {}))
  const name = titleOf(collection, item)
  return fields.length > 0 ? t('changes.was_changed', { name, fields: fields.join(', ') }) : name
}

function titleOf(collection: string, item: object): string {
  const type = typeOf(collection)
  const title = type ? (item as Record<string, unknown>)[entityOf(type).titleField] : undefined
  const text = typeof title === 'string' ? title.replaceAll(/\s+/g, ' ').trim() : ''
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
