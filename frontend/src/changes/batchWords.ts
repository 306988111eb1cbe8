/** A big change in words: what was done to how many, and what it was called. */
import type { Batch } from '@/api/batches'
import { ENTITIES, ENTITY_TYPES } from '@/entities'

type Translate = (key: string, values: Record<string, unknown>, count?: number) => string

const COUNTS = ['created', 'changed', 'removed', 'restored'] as const
const ICONS: Readonly<Record<string, string>> = {
  import: 'i-lucide-file-up', bulk: 'i-lucide-list-checks', trash: 'i-lucide-trash-2', undo: 'i-lucide-undo-2',
}

export const iconOfBatch = ({ kind }: Pick<Batch, 'kind'>): string => ICONS[kind] ?? 'i-lucide-layers'

/** “Import: 12 contacts created, 3 changed”. The first count names what was counted. */
export function batchWords({ kind, noun, summary }: Pick<Batch, 'kind' | 'noun' | 'summary'>, t: Translate, te: (key: string) => boolean): string {
  const done = COUNTS.flatMap((name) => (summary[name] ? [{ name, n: summary[name] }] : []))
  const parts = done.map(({ name, n }, index) => t(`changes.n_${name}`, { what: index === 0 ? countWords(noun, n, t, te) : String(n) }, n))
  if (summary.along > 0) parts.push(t('changes.n_along', { n: summary.along }, summary.along))
  const title = summary.title ? t('changes.titled', { title: summary.title }) : ''
  const kindWords = te(`changes.kind_${kind}`) ? t(`changes.kind_${kind}`, {}) : ''
  return [kindWords, [title, parts.join(', ')].filter(Boolean).join(' · ')].filter(Boolean).join(': ')
}

function countWords(noun: string, n: number, t: Translate, te: (key: string) => boolean): string {
  const type = ENTITY_TYPES.find((known) => known === noun)
  const key = type && `${ENTITIES[type].collection}.count`
  return key && te(key) ? t(key, { n }, n) : t('changes.n_rows', { n }, n)
}
