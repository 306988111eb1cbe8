/** The filters of the contacts page, in its address. */
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { addressFilters, id, oneOf, optional, text } from '@/shared/addressFilters'
import type { ContactQuery } from './api'
import { ROW_FIELDS } from './columns'

export const FILTERS = ['kind', 'tag', 'owner_id', 'organization_id', 'country', 'untouched_for_days', 'updated_after', 'created_after'] as const
export type Filter = (typeof FILTERS)[number]
export type ViewQuery = Partial<Record<Filter | 'q' | 'sort', string>>

export const STANDARD_SORT = 'name'
const SORTS = ['name', '-name', 'created_at', '-created_at', 'updated_at', '-updated_at', 'last_touch_at', '-last_touch_at'] as const
/** So many days are offered; an address may say any other number. */
export const DAYS_UNTOUCHED = [7, 14, 30, 60, 90, 180, 365] as const
const MOST_DAYS = 36_500
const PAGE = 250

const ADDRESS = addressFilters({
  q: text(),
  kind: oneOf(['person', 'organization'], null),
  tag: optional(),
  owner_id: optional(),
  organization_id: id(),
  country: optional(),
  untouched_for_days: optional((value) => /^[1-9]\d{0,4}$/.test(value) && Number(value) <= MOST_DAYS),
  updated_after: optional(),
  created_after: optional(),
  sort: oneOf(SORTS, STANDARD_SORT),
})

/** The valid filters of an address, in the form that saved views store. */
export function viewOf(query: LocationQuery): ViewQuery {
  const written = ADDRESS.written(ADDRESS.read(query))
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))
}

export function toQuery(view: ViewQuery): ContactQuery {
  const { organization_id: organization, untouched_for_days: days, sort, ...rest } = view
  return {
    ...(rest as ContactQuery),
    ...(organization === undefined ? {} : { organization_id: Number(organization) }),
    ...(days === undefined ? {} : { untouched_for_days: Number(days) }),
    sort: (sort ?? STANDARD_SORT) as ContactQuery['sort'],
    fields: ROW_FIELDS,
    count: true,
    limit: PAGE,
  }
}

export function isSameView(one: ViewQuery, other: ViewQuery): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof ViewQuery>
  return [...names].every((name) => one[name] === other[name])
}

export function useContactView() {
  const route = useRoute()
  const router = useRouter()
  const view = computed(() => viewOf(route.query))
  const query = computed(() => toQuery(view.value))
  const sort = computed(() => view.value.sort ?? STANDARD_SORT)

  /** Changes filters in the address. Typing replaces the history entry, choosing adds one. */
  async function change(patch: ViewQuery, how: 'push' | 'replace' = 'push'): Promise<void> {
    const next = viewOf({ ...route.query, ...patch } as LocationQuery)
    const others = Object.fromEntries(Object.entries(route.query).filter(([name]) => ['open', 'view'].includes(name)))
    await router[how]({ path: route.path, query: { ...next, ...others } })
  }

  async function show(next: ViewQuery, viewId?: number): Promise<void> {
    await router.push({ path: route.path, query: { ...next, ...(viewId ? { view: String(viewId) } : {}) } })
  }

  return { view, query, sort, change, show }
}
