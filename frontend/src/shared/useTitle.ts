import { watchEffect, onScopeDispose } from 'vue'

/** Sets the title of the browser tab. */
export function usePageTitle(title: () => string | undefined): void {
  watchEffect(() => {
    const text = title()
    document.title = text ? `${text} · crmtenant` : 'crmtenant'
  })
  onScopeDispose(() => {
    document.title = 'crmtenant'
  })
}
