/** The commands of the palette that the person is permitted to use. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { ENTITY_TYPES, entityOf } from '@/entities'
import { speak } from '@/i18n'
import { useSession } from '@/session/store'
import { useSessionActions } from '@/session/useSessionActions'
import { isDark, preferences, type Language, type Theme } from '@/shared/preferences'
import { MORE_PLACES, PLACES, placesFor } from '@/shell/places'
import type { Entry } from './entries'

export function useCommands(showShortcuts: () => void) {
  const { t, locale } = useI18n()
  const router = useRouter()
  const session = useSession()
  const sessionActions = useSessionActions()
  const go = (path: string) => () => router.push(path)

  const creating = computed<Entry[]>(() =>
    ENTITY_TYPES.flatMap((type) => entityOf(type).creating ?? [])
      .filter(({ permission }) => session.may(permission))
      .map(({ key, icon, label, words, to }) => command(key, icon, t(label), t(words), go(to))),
  )

  const going = computed<Entry[]>(() =>
    [...placesFor(PLACES, session.may), ...MORE_PLACES].map((place) => ({
      ...command(place.to, place.icon, t(place.go), t(place.words), go(place.to), 'go'),
      keys: place.key && `g ${place.key}`,
    })),
  )

  const others = computed<Entry[]>(() => [
    ...session.companies
      .filter((company) => company.id !== session.companyId)
      .map((company) =>
        command(`company-${company.id}`, 'i-lucide-arrow-left-right', t('palette.switch_to', { name: company.name }), t('palette.company_words'), () => sessionActions.switchTo(company.id), 'more'),
      ),
    isDark.value
      ? command('light', 'i-lucide-sun', t('palette.theme_light'), t('palette.theme_words'), () => wear('light'), 'more')
      : command('dark', 'i-lucide-moon', t('palette.theme_dark'), t('palette.theme_words'), () => wear('dark'), 'more'),
    ...(preferences.value.theme === 'system'
      ? []
      : [command('system', 'i-lucide-monitor', t('palette.theme_system'), t('palette.theme_words'), () => wear('system'), 'more')]),
    preferences.value.density === 'compact'
      ? command('comfortable', 'i-lucide-rows-2', t('palette.comfortable'), t('palette.density_words'), () => pack('comfortable'), 'more')
      : command('compact', 'i-lucide-rows-4', t('palette.compact'), t('palette.density_words'), () => pack('compact'), 'more'),
    // Each language is offered in its own words, for those who cannot read the other.
    locale.value === 'de'
      ? command('english', 'i-lucide-languages', 'Use the page in English', t('palette.language_words'), () => say('en'), 'more')
      : command('german', 'i-lucide-languages', 'Seite auf Deutsch verwenden', t('palette.language_words'), () => say('de'), 'more'),
    { ...command('shortcuts', 'i-lucide-keyboard', t('shell.shortcuts'), t('palette.shortcuts_words'), showShortcuts, 'more'), keys: '?' },
    command('sign-out', 'i-lucide-log-out', t('shell.sign_out'), t('palette.sign_out_words'), sessionActions.signOut, 'more'),
  ])

  return computed(() => [...creating.value, ...going.value, ...others.value])
}

function command(key: string, icon: string, title: string, words: string, run: () => unknown, group: Entry['group'] = 'create'): Entry {
  return { key, icon, title, words, run, group }
}

function wear(theme: Theme): void {
  preferences.value = { ...preferences.value, theme }
}

function pack(density: 'comfortable' | 'compact'): void {
  preferences.value = { ...preferences.value, density }
}

async function say(language: Language): Promise<void> {
  preferences.value = { ...preferences.value, language }
  await speak(language)
}
