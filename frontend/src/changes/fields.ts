/** The fields of a line of the history: what each was and became, what kind of value that is, and how it is put back. */
import type { HistoryLine } from './history'

export type ValueKind =
  | 'address' | 'choice' | 'color' | 'column' | 'contact' | 'day' | 'long' | 'member' | 'minutes' | 'moment' | 'project' | 'rule' | 'task' | 'text' | 'values'

export interface FieldChange {
  /** Of a custom field `custom.` and its name. */
  name: string
  before: unknown
  after: unknown
}

const KINDS: Readonly<Record<string, ValueKind>> = {
  owner_id: 'member', member_ids: 'member', assignee_ids: 'member',
  contact_id: 'contact', contact_ids: 'contact', organization_id: 'contact',
  project_id: 'project', column_id: 'column',
  birthday: 'day', start_on: 'day', due_on: 'day',
  due_at: 'moment', completed_at: 'moment', happened_at: 'moment',
  budget_minutes: 'minutes', estimate_minutes: 'minutes', minutes: 'minutes',
  status: 'choice', kind: 'choice', priority: 'choice', direction: 'choice', outcome: 'choice', color: 'color',
  emails: 'values', phones: 'values', urls: 'values', addresses: 'address',
  description: 'long', note: 'long', body: 'long',
  recurrence: 'rule',
}

export function kindOf(collection: string, name: string): ValueKind {
  if (name === 'parent_id') return collection === 'tasks' ? 'task' : 'text'
  return KINDS[name] ?? 'text'
}

/** What the server sets by itself. */
const NEVER_PUT_BACK = new Set(['completed_at', 'subject_type', 'subject_id'])

const CUSTOM = 'custom'

/** The fields of the line, each custom one by itself. */
export function fieldsOf({ changes }: Pick<HistoryLine, 'changes'>): FieldChange[] {
  return Object.entries(changes).flatMap(([name, [before, after]]) =>
    name === CUSTOM && isObject(before) && isObject(after) ? customFields(before, after) : [{ name, before, after }],
  )
}

function customFields(before: Record<string, unknown>, after: Record<string, unknown>): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .map((name) => ({ name: `${CUSTOM}.${name}`, before: before[name] ?? null, after: after[name] ?? null }))
    .filter((change) => !isSame(change.before, change.after))
}

/** The patch that puts the value back; null where there is none, or where the record has that value now. */
export function patchBack({ name, before }: FieldChange, item: object): Record<string, unknown> | null {
  if (NEVER_PUT_BACK.has(name) || isTooLong(before)) return null
  const now = item as Record<string, unknown>
  if (!name.startsWith(`${CUSTOM}.`)) return !(name in now) || isSame(now[name], before) ? null : { [name]: before }
  const key = name.slice(CUSTOM.length + 1)
  const custom = isObject(now[CUSTOM]) ? now[CUSTOM] : {}
  return isSame(custom[key] ?? null, before) ? null : { [CUSTOM]: { ...custom, [key]: before } }
}

/** Of long texts the log keeps their hash only. */
export const isTooLong = (value: unknown): boolean => isObject(value) && Object.keys(value).join() === 'sha256'

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/** The ids in these changes that refer to others, by the kind of what they refer to. */
export function idsOf(collection: string, lines: readonly Pick<HistoryLine, 'changes'>[], kind: ValueKind): number[] {
  const found = lines.flatMap((line) => fieldsOf(line)).filter(({ name }) => kindOf(collection, name) === kind)
  return found.flatMap(({ before, after }) => [before, after].flat()).filter((id): id is number => typeof id === 'number')
}
