/** Filters in the query of an address, declared field by field. */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery, type LocationQueryRaw } from 'vue-router'

export interface Field<Value> {
  /** The value where the address has none or an invalid one. */
  defaultValue: Value
  /** Returns undefined for an invalid text. The text is trimmed and not empty. */
  parse: (text: string) => Value | undefined
}

export const text = (): Field<string> => ({ defaultValue: '', parse: (value) => value })

/** A text that passes the test, else null. */
export const optional = (isValid: (value: string) => boolean = () => true): Field<string | null> => ({
  defaultValue: null,
  parse: (value) => (isValid(value) ? value : null),
})

export const oneOf = <Value extends string, Default extends Value | null>(values: readonly Value[], defaultValue: Default): Field<Value | Default> => ({
  defaultValue,
  parse: (value) => values.find((known) => known === value),
})

export const id = (): Field<number | null> => ({
  defaultValue: null,
  parse: (value) => (/^[1-9]\d{0,14}$/.test(value) ? Number(value) : null),
})

export const priority = (): Field<number | null> => ({
  defaultValue: null,
  parse: (value) => (/^[0-4]$/.test(value) ? Number(value) : null),
})

/** A person's id or one of these words. */
export const person = (...words: string[]): Field<string | null> =>
  optional((value) => words.includes(value) || /^[us]_[a-z2-7]{26}$/.test(value))

export interface AddressFilters<Filters extends object> {
  defaults: Filters
  read: (query: LocationQuery) => Filters
  /** The query parameters: values that differ from the defaults; undefined removes a parameter. */
  written: (filters: Filters) => LocationQueryRaw
  /** Whether one of these filters differs from its default. */
  differs: (filters: Filters, names: readonly (keyof Filters)[]) => boolean
}

export function addressFilters<Filters extends object>(fields: { [Name in keyof Filters]: Field<Filters[Name]> }): AddressFilters<Filters> {
  const all = Object.entries(fields) as [keyof Filters & string, Field<Filters[keyof Filters]>][]
  const each = <Result>(make: (name: keyof Filters & string, field: Field<Filters[keyof Filters]>) => unknown): Result =>
    Object.fromEntries(all.map(([name, field]) => [name, make(name, field)])) as Result
  const defaults = each<Filters>((_, field) => field.defaultValue)
  return {
    defaults,
    read: (query) => each<Filters>((name, field) => valueOf(field, query[name])),
    written: (filters) => each<LocationQueryRaw>((name) => writtenValue(filters[name], defaults[name])),
    differs: (filters, names) => names.some((name) => filters[name] !== defaults[name]),
  }
}

/** The first of repeated parameters counts. */
function valueOf<Value>(field: Field<Value>, given: LocationQuery[string] | undefined): Value {
  const value = String([given].flat()[0] ?? '').trim()
  return (value === '' ? undefined : field.parse(value)) ?? field.defaultValue
}

function writtenValue(value: unknown, defaultValue: unknown): string | undefined {
  return value === defaultValue || value === null || value === undefined ? undefined : String(value)
}

/** The filters in the address of the current page; changing them keeps all other parameters. */
export function useAddressFilters<Filters extends object>({ read, written }: Pick<AddressFilters<Filters>, 'read' | 'written'>) {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => read(route.query))

  async function change(changes: Partial<Filters>): Promise<void> {
    await router.replace({ query: { ...route.query, ...written({ ...filters.value, ...changes }) } })
  }
  return { filters, change }
}
