/** English and German; each language's messages are a chunk of their own. */
import { createI18n } from 'vue-i18n'
import { regional } from '@/shared/format'
import { patiently } from '@/shared/parts'
import { preferences, type Language } from '@/shared/preferences'

const LOADERS: Record<Language, () => Promise<{ default: Record<string, unknown> }>> = {
  en: patiently(() => import('@/locales/en')),
  de: patiently(() => import('@/locales/de')),
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: {} })

type Translate = (key: string, ...rest: unknown[]) => string

/** Writes the numbers in texts as the language does: `1,200 contacts`, `1.200 Kontakte`. */
export function withNumbers(translate: Translate, write: (value: number) => string): Translate {
  const written = (values: object): object => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? write(value) : value]))
  return (key, first, ...rest) => {
    if (typeof first === 'number') return translate(key, { n: write(first), count: write(first) }, first)
    return typeof first === 'object' && first !== null ? translate(key, written(first), ...rest) : first === undefined ? translate(key) : translate(key, first, ...rest)
  }
}

const composer = i18n.global as unknown as { t: Translate; locale: { value: string } }
composer.t = withNumbers(composer.t, (value) => value.toLocaleString(regional(composer.locale.value, navigator.languages)))

export function spokenHere(): Language {
  return preferences.value.language ?? (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en')
}

/** Switches the language of the page. */
export async function speak(language: Language): Promise<void> {
  const messages = (await LOADERS[language]()).default
  i18n.global.setLocaleMessage(language, messages as never)
  ;(i18n.global.locale as unknown as { value: string }).value = language
  document.documentElement.lang = language
}
