/** The part of Nuxt UI's plugin that is needed: its bundled icons. Colours are in style.css. */
import { init } from 'virtual:nuxt-ui-icons'
import { addIcon } from '@iconify/vue/offline'

export function addIcons(): void {
  init((name, icon) => {
    addIcon(name, icon)
    // Nuxt UI writes `i-lucide-check`, which its Icon turns into `lucide-check`.
    addIcon(name.replace(':', '-'), icon)
    return true
  })
}
