import { expect, test } from 'vitest'
import { createI18n } from 'vue-i18n'
import type { Batch } from '@/api/batches'
import de from '@/locales/de'
import en from '@/locales/en'
import { batchWords } from './batchWords'

function speaker(locale: 'en' | 'de') {
  const { global }: { global: { t: unknown; te: unknown } } = createI18n({ legacy: false, locale, messages: { en: en as never, de: de as never } })
  return (batch: Pick<Batch, 'kind' | 'noun' | 'summary'>) => batchWords(batch, global.t as never, global.te as never)
}

const summary = { created: 0, changed: 0, removed: 0, restored: 0, along: 0, title: null }

test('a big change says what was done to how many of what', () => {
  const [english, german] = [speaker('en'), speaker('de')]
  const imported = { kind: 'import', noun: 'contact', summary: { ...summary, created: 12, changed: 1 } } as const
  expect(english(imported)).toBe('Import: 12 contacts created, 1 changed')
  expect(german(imported)).toBe('Import: 12 Kontakte angelegt, 1 geändert')
  const deleted = { kind: 'trash', noun: 'project', summary: { ...summary, removed: 1, along: 200, title: 'Roof' } } as const
  expect(english(deleted)).toBe('Deletion: “Roof” · 1 project moved to trash, with 200 more that belong to it')
  const moved = { kind: 'bulk', noun: 'column', summary: { ...summary, changed: 3 } } as const
  expect(german(moved)).toBe('Sammeländerung: 3 Spalten geändert')
})
