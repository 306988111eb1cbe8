/** Values of the history in people's words: names instead of ids, days as they are written here. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { addressLines } from '@/contacts/naming'
import { useMembers } from '@/members/useMembers'
import { useFormat } from '@/shared/format'
import { useNames } from '@/shared/useNames'
import { useRuleWords } from '@/tasks/recurrenceWords'
import { idsOf, isTooLong, kindOf, type FieldChange, type ValueKind } from './fields'
import type { HistoryLine } from './history'

export function useValueWords(collection: string, lines: () => readonly Pick<HistoryLine, 'changes'>[]) {
  const { t, te } = useI18n()
  const format = useFormat()
  const rules = useRuleWords()
  const { nameOf: memberOf } = useMembers()
  const idsOfKind = (kind: ValueKind) => computed(() => idsOf(collection, lines(), kind))
  const names = {
    contact: useNames('contact', idsOfKind('contact')),
    project: useNames('project', idsOfKind('project')),
    task: useNames('task', idsOfKind('task')),
    column: useNames('column', idsOfKind('column')),
  }

  const nameOf = (type: keyof typeof names, id: number): string => names[type].nameOf(id) || (names[type].isMissing(id) ? t('changes.not_there') : '…')

  const WORDS: Record<ValueKind, (value: unknown, name: string) => string> = {
    member: (id) => memberOf(String(id)) || t('common.former_member'),
    contact: (id) => nameOf('contact', Number(id)),
    project: (id) => nameOf('project', Number(id)),
    task: (id) => nameOf('task', Number(id)),
    column: (id) => nameOf('column', Number(id)),
    day: (day) => format.day(String(day)),
    moment: (at) => format.moment(String(at)),
    minutes: (minutes) => format.minutes(Number(minutes)),
    choice: (value, name) => choice(name, String(value)),
    rule: (rule) => rules.inWords(String(rule)),
    address: (address) => addressLines(address as never, format.country).join(', '),
    values: (entry) => String((entry as { value?: unknown }).value ?? ''),
    color: String,
    long: String,
    text: (value) => (typeof value === 'boolean' ? t(value ? 'pick.yes' : 'pick.no') : typeof value === 'object' ? JSON.stringify(value) : String(value)),
  }

  function choice(name: string, value: string): string {
    const keys = [`${collection}.${name}_${value}`, `changes.${name}_${value}`]
    const key = keys.find((known) => te(known))
    return key ? t(key) : value
  }

  function words(name: string, value: unknown): string {
    if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return t('changes.empty')
    if (isTooLong(value)) return t('changes.too_long')
    const inWords = WORDS[kindOf(collection, name)]
    return Array.isArray(value) ? value.map((one) => inWords(one, name)).join(', ') : inWords(value, name)
  }

  /** `customer_number` of an import is “Customer number”. */
  function labelOf(name: string): string {
    const field = name.slice(name.indexOf('.') + 1)
    if (te(`fields.${name}`)) return t(`fields.${name}`)
    return te(`changes.field_${name}`) ? t(`changes.field_${name}`) : field.charAt(0).toLocaleUpperCase() + field.slice(1).replaceAll('_', ' ')
  }

  /** Both values; alike where only details differ, such as which number is the main one. */
  function told({ name, before, after }: FieldChange): { label: string; from: string; to: string; isDetail: boolean } {
    const [from, to] = [words(name, before), words(name, after)]
    return { label: labelOf(name), from, to, isDetail: from === to }
  }

  return { told, labelOf }
}
