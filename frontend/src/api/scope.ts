/** The company the page is in and its time zone, as whoever keeps the session tells. */
import { shallowRef } from 'vue'

export interface Scope {
  readonly companyId: string
  readonly timeZone: string | undefined
}

const scope = shallowRef<Scope>({ companyId: '', timeZone: undefined })

/** `source` is read anew each time, so its properties may be getters of reactive state. */
export function useScopeOf(source: Scope): void {
  scope.value = source
}

export const scopeInUse = (): Scope => scope.value
