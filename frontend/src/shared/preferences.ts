/** Preferences of this person on this device: theme, density, language. theme.js reads the same entry. */
import { useLocalStorage, usePreferredDark } from '@vueuse/core'
import { computed, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'
export type Language = 'en' | 'de'

interface Preferences {
  theme: Theme
  density: Density
  language: Language | null
}

const DEFAULTS: Preferences = { theme: 'system', density: 'comfortable', language: null }

export const preferences = useLocalStorage<Preferences>('crmtenant.preferences', DEFAULTS, { mergeDefaults: true })

const prefersDark = usePreferredDark()

export const isDark = computed(() =>
  preferences.value.theme === 'system' ? prefersDark.value : preferences.value.theme === 'dark',
)

export const rowHeight = computed(() => (preferences.value.density === 'compact' ? 36 : 44))

/** Applies the preferences to the document, now and whenever they change. */
export function applyPreferences(): void {
  watchEffect(() => {
    document.documentElement.classList.toggle('dark', isDark.value)
    document.documentElement.dataset.density = preferences.value.density
  })
}
