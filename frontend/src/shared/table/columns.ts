/** The columns of a table, and which of them the person has chosen in which order. */
import { useLocalStorage } from '@vueuse/core'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

export interface TableColumn<Key extends string = string> {
  key: Key
  /** The i18n key of its heading. */
  label: string
  /** A CSS grid track, such as `minmax(12rem, 2fr)`. */
  width: string
  /** The server's sort key, where the column can be sorted. */
  sort?: string
  /** Always shown, first. */
  isFixed?: boolean
}

export function useColumns<Key extends string>(
  name: string,
  all: readonly TableColumn<Key>[],
  standard: readonly Key[],
  person: MaybeRefOrGetter<string>,
) {
  const kept = useLocalStorage<Key[]>(() => `crmtenant.columns.${name}.${toValue(person)}`, [...standard])
  const byKey = new Map(all.map((column) => [column.key, column]))
  const fixed = all.filter((column) => column.isFixed)

  const chosen = computed<Key[]>({
    get: () => kept.value.filter((key) => byKey.has(key) && !byKey.get(key)?.isFixed),
    set: (keys) => (kept.value = keys),
  })
  const columns = computed(() => [...fixed, ...chosen.value.flatMap((key) => byKey.get(key) ?? [])])

  function toggle(key: Key): void {
    chosen.value = chosen.value.includes(key) ? chosen.value.filter((other) => other !== key) : [...chosen.value, key]
  }
  /** Moves the column one place left or right. */
  function shift(key: Key, by: -1 | 1): void {
    const keys = [...chosen.value]
    const from = keys.indexOf(key)
    const to = from + by
    if (from < 0 || to < 0 || to >= keys.length) return
    ;[keys[from], keys[to]] = [keys[to] as Key, keys[from] as Key]
    chosen.value = keys
  }
  const reset = (): void => {
    kept.value = [...standard]
  }
  return { columns, chosen, toggle, shift, reset }
}
