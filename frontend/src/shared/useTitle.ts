import { watchEffect, onScopeDispose } from 'vue'

/** Nothing comes back; the browser's tab says where one is. */
export function usePageTitle(title: () => string | undefined): void {
  watchEffect(() => {
    const text = title()
    document.title = text ? `${text} · crmtenant` : 'crmtenant'
  })
  onScopeDispose(() => {
    document.title = 'crmtenant'
  })
}
