/** English and German; a language's messages are one file, loaded when it is spoken. */
import { createI18n } from 'vue-i18n'
import { preferences, type Language } from '@/shared/preferences'

const LOADERS: Record<Language, () => Promise<{ default: Record<string, unknown> }>> = {
  en: () => import('@/locales/en'),
  de: () => import('@/locales/de'),
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: {} })

export function spokenHere(): Language {
  return preferences.value.language ?? (navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en')
}

/** Nothing comes back; the page speaks this language. */
export async function speak(language: Language): Promise<void> {
  const messages = (await LOADERS[language]()).default
  i18n.global.setLocaleMessage(language, messages as never)
  ;(i18n.global.locale as unknown as { value: string }).value = language
  document.documentElement.lang = language
}
