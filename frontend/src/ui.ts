/** What of Nuxt UI's own plugin is needed: its icons, bundled. Colours are in style.css; the page's head is our own. */
import { init } from 'virtual:nuxt-ui-icons'
import { addIcon } from '@iconify/vue/offline'

export function addIcons(): void {
  init((name, icon) => {
    addIcon(name, icon)
    // Nuxt UI writes `i-lucide-check`, of which its Icon makes `lucide-check`.
    addIcon(name.replace(':', '-'), icon)
    return true
  })
}
