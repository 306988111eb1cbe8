/** Labels and groups of field paths (`emails/0/value`). */

export type Translate = (key: string, values?: Record<string, unknown>) => string

export const FIELD_GROUPS = ['person', 'work', 'contact', 'address', 'other', 'details', 'custom'] as const
export type FieldGroup = (typeof FIELD_GROUPS)[number]

const PERSON = ['name', 'prefix', 'given_name', 'middle_name', 'family_name', 'suffix', 'nickname', 'birthday', 'kind']
const WORK = ['organization', 'job_title', 'department']
const CUSTOM = 'custom/'
/** The usual order of fields, where there is one. */
const FIRST = [...PERSON, ...WORK]

interface Place {
  root: string
  /** The index among several; null for a single field. */
  index: number | null
  part: string | null
}

export function placeOf(path: string): Place {
  const [root = '', index, part] = path.split('/')
  const isOneOfSeveral = index !== undefined && /^\d+$/.test(index)
  return { root, index: isOneOfSeveral ? Number(index) : null, part: isOneOfSeveral ? (part ?? null) : null }
}

/** The label of a field path, or of a JSON pointer without its leading slash. */
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

/** The paths by group, in display order. */
export function groupedFields(paths: readonly string[]): GroupedFields[] {
  const sorted = paths.toSorted((a, b) => FIRST.indexOf(a) - FIRST.indexOf(b))
  return FIELD_GROUPS.map((group) => ({ group, paths: sorted.filter((path) => groupOf(path) === group) })).filter(
    (entry) => entry.paths.length > 0,
  )
}

const SHELVED: readonly FieldGroup[] = ['person', 'work', 'contact', 'address', 'other']

/** The paths worth dragging: no second address, no third number, no details of other fields. */
export function shelfOf(paths: readonly string[]): GroupedFields[] {
  return groupedFields(paths)
    .filter(({ group }) => SHELVED.includes(group))
    .map(({ group, paths: some }) => ({
      group,
      paths: some.filter((path) => (placeOf(path).index ?? 0) < (group === 'contact' ? 2 : 1)),
    }))
}
