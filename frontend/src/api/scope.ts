/** The current company, its time zone and country, provided by the session. */
import { shallowRef } from 'vue'

export interface Scope {
  readonly companyId: string
  readonly timeZone: string | undefined
  readonly country?: string | undefined
}

const scope = shallowRef<Scope>({ companyId: '', timeZone: undefined })

/** Sets the scope; getters of `source` may read reactive state. */
export function provideScope(source: Scope): void {
  scope.value = source
}

export const currentScope = (): Scope => scope.value
