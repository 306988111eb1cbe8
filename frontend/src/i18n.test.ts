import { expect, test } from 'vitest'
import { createI18n } from 'vue-i18n'
import { i18n, withNumbers } from './i18n'
import de from './locales/de'
import en from './locales/en'

type Translate = (key: string, ...rest: unknown[]) => string
const german: { global: { t: unknown } } = createI18n({ legacy: false, locale: 'de', messages: { de: de as never } })
const t = withNumbers(german.global.t as never, (value) => value.toLocaleString('de'))

test('numbers in texts are written as the language does, and the plural still counts', () => {
  expect(t('tasks.removed', 12_345)).toBe('12.345 Aufgaben in den Papierkorb verschoben')
  expect(t('tasks.removed', 1)).toBe('Aufgabe in den Papierkorb verschoben')
  expect(t('contacts.count', { n: 1 }, 1)).toBe('1 Kontakt')
  expect(t('tasks.n_of_m', { n: 1_000, m: 20_000 })).toBe('1.000 von 20.000')
  expect(t('tasks.n_of_m', { n: '7', m: '8' })).toBe('7 von 8')
  expect(t('contacts.title')).toBe('Kontakte')
})

test('the page translates that way', () => {
  i18n.global.setLocaleMessage('en', en as never)
  const translate = (i18n.global as unknown as { t: Translate }).t
  expect(translate('contacts.count', { n: 1_200 }, 1_200)).toBe('1,200 contacts')
})
