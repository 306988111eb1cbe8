import { expect, test } from 'vitest'
import { createI18n } from 'vue-i18n'
import { i18n, withNumbers } from './i18n'

const german = createI18n({ legacy: false, locale: 'de', messages: { de: { count: '{n} Kontakt | {n} Kontakte', of: '{n} von {all} ({name})' } } })
const t = withNumbers(german.global.t as never, (value) => value.toLocaleString('de'))

test('numbers in texts are written as the language does, and the plural still counts', () => {
  expect(t('count', 12_345)).toBe('12.345 Kontakte')
  expect(t('count', { n: 1 }, 1)).toBe('1 Kontakt')
  expect(t('of', { n: 1_000, all: 20_000, name: 'A' })).toBe('1.000 von 20.000 (A)')
  expect(t('of', { n: '7', all: '8', name: 'A' })).toBe('7 von 8 (A)')
})

test('the page translates that way', () => {
  i18n.global.setLocaleMessage('en', { many: '{n} rows' } as never)
  expect((i18n.global as unknown as { t: (key: string, values: object) => string }).t('many', { n: 1_200 })).toBe('1,200 rows')
})
