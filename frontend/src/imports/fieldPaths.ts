/** Field paths (`emails/0/value`) as people read them, and in groups to choose from. */

export type Translate = (key: string, values?: Record<string, unknown>) => string

export const FIELD_GROUPS = ['person', 'work', 'contact', 'address', 'other', 'details', 'custom'] as const
export type FieldGroup = (typeof FIELD_GROUPS)[number]

const PERSON = ['name', 'prefix', 'given_name', 'middle_name', 'family_name', 'suffix', 'nickname', 'birthday', 'kind']
const WORK = ['organization', 'job_title', 'department']
const CUSTOM = 'custom/'
/** What people think of first comes first, where there is such an order. */
const FIRST = [...PERSON, ...WORK]

interface Place {
  root: string
  /** Which of several, counted from 0; null where there is one. */
  index: number | null
  part: string | null
}

export function placeOf(path: string): Place {
  const [root = '', index, part] = path.split('/')
  const isOneOfSeveral = index !== undefined && /^\d+$/.test(index)
  return { root, index: isOneOfSeveral ? Number(index) : null, part: isOneOfSeveral ? (part ?? null) : null }
}

/** What a field path, or a JSON pointer without its first slash, is called. */
export function labelOf(path: string, t: Translate): string {
  if (path.startsWith(CUSTOM)) return t('imports.custom_field', { name: path.slice(CUSTOM.length) })
  const { root, index, part } = placeOf(path)
  if (root === '') return t('imports.whole_row')
  const name = t(`fields.${root === 'organization' ? 'organization_id' : root}`)
  const counted = index ? `${name} ${index + 1}` : name
  if (part === null || part === 'value') return counted
  return `${counted}: ${part === 'is_primary' ? t('imports.is_primary') : t(`fields.${part}`)}`
}

export function groupOf(path: string): FieldGroup {
  if (path.startsWith(CUSTOM)) return 'custom'
  const { root, part } = placeOf(path)
  if (PERSON.includes(root)) return 'person'
  if (WORK.includes(root)) return 'work'
  if (part === 'label' || part === 'is_primary') return 'details'
  if (part === 'value') return 'contact'
  return root === 'addresses' ? 'address' : 'other'
}

export interface GroupedFields {
  group: FieldGroup
  paths: string[]
}

/** The paths by group, in the order in which they are offered. */
export function groupedFields(paths: readonly string[]): GroupedFields[] {
  const sorted = paths.toSorted((a, b) => FIRST.indexOf(a) - FIRST.indexOf(b))
  return FIELD_GROUPS.map((group) => ({ group, paths: sorted.filter((path) => groupOf(path) === group) })).filter(
    (entry) => entry.paths.length > 0,
  )
}

const SHELVED: readonly FieldGroup[] = ['person', 'work', 'contact', 'address', 'other']

/** The few of them worth dragging: no second address, no third number, nothing that describes another field. */
export function shelfOf(paths: readonly string[]): GroupedFields[] {
  return groupedFields(paths)
    .filter(({ group }) => SHELVED.includes(group))
    .map(({ group, paths: some }) => ({
      group,
      paths: some.filter((path) => (placeOf(path).index ?? 0) < (group === 'contact' ? 2 : 1)),
    }))
}
