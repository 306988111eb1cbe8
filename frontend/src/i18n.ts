/** English and German; each language's messages are a chunk of their own. */
import { createI18n } from 'vue-i18n'
import { patiently } from '@/shared/parts'
import { preferences, type Language } from '@/shared/preferences'

const LOADERS: Record<Language, () => Promise<{ default: Record<string, unknown> }>> = {
  en: patiently(() => import('@/locales/en')),
  de: patiently(() => import('@/locales/de')),
}

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: {} })

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
