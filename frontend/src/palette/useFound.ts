/** Contacts, projects and tasks: those the words find, and those looked at last. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, body, type Schemas } from '@/api/client'
import { useKeys } from '@/api/keys'
import { useOpen } from '@/shared/open'
import type { Entry, Group } from './entries'
import { useVisits, type Visit } from './visits'

type Found = Schemas['Found']

const EACH = 6
const GROUP_OF: Record<Found['noun'], Group> = { contact: 'contacts', project: 'projects', task: 'tasks' }

function iconOf({ noun, kind }: Pick<Found, 'noun' | 'kind'>): string {
  if (noun === 'project') return 'i-lucide-folder-kanban'
  if (noun === 'task') return kind === 'done' ? 'i-lucide-circle-check-big' : 'i-lucide-circle'
  return kind === 'organization' ? 'i-lucide-building-2' : 'i-lucide-user-round'
}

function useEntryOf() {
  const router = useRouter()
  const { open } = useOpen()
  return (found: Found, group: Group): Entry => ({
    key: `${group}-${found.noun}-${found.id}`,
    group,
    icon: iconOf(found),
    title: found.title,
    subtitle: found.subtitle ?? undefined,
    run: (isFull) =>
      found.noun === 'project' || isFull ? router.push(`/${found.noun}s/${found.id}`) : open(found.noun, found.id),
  })
}

/** What the words find, as a query and as entries. Nothing is asked while there are none. */
export function useFound(words: Ref<string>) {
  const keys = useKeys()
  const entryOf = useEntryOf()
  const query = useQuery({
    queryKey: computed(() => keys.list('search', { q: words.value })),
    enabled: computed(() => words.value !== ''),
    queryFn: ({ signal }) => body(api.GET('/api/search', { params: { query: { q: words.value, limit: EACH } }, signal })),
    placeholderData: (before) => before,
  })
  const entries = computed(() =>
    words.value === '' ? [] : (query.data.value?.items ?? []).map((found) => entryOf(found, GROUP_OF[found.noun])),
  )
  return { query, entries }
}

/** What was looked at last and is still there, as entries. */
export function useRecent() {
  const keys = useKeys()
  const { t } = useI18n()
  const entryOf = useEntryOf()
  const { visits } = useVisits()
  const query = useQuery({
    queryKey: computed(() => keys.list('recent', { visits: visits.value })),
    enabled: computed(() => visits.value.length > 0),
    queryFn: ({ signal }) => titlesOf(visits.value, signal),
    placeholderData: (before) => before,
  })
  const SUBTITLES = { contact: 'palette.a_contact', project: 'palette.a_project', task: 'palette.a_task' }
  return computed(() =>
    (query.data.value ?? []).map((found) => entryOf({ ...found, subtitle: t(SUBTITLES[found.noun]) }, 'recent')),
  )
}

async function titlesOf(visits: readonly Visit[], signal: AbortSignal): Promise<Found[]> {
  const idsOf = (noun: Visit['noun']): string => visits.filter((visit) => visit.noun === noun).map(({ id }) => id).join(',')
  const [contacts, projects, tasks] = await Promise.all([
    named(idsOf('contact'), async (id) => {
      const page = await body(api.GET('/api/contacts', { params: { query: { id, fields: 'id,name,kind' } }, signal }))
      return page.items.map((item) => found('contact', item.id, item.name, item.kind))
    }),
    named(idsOf('project'), async (id) => {
      const page = await body(api.GET('/api/projects', { params: { query: { id, fields: 'id,name,status' } }, signal }))
      return page.items.map((item) => found('project', item.id, item.name, item.status))
    }),
    named(idsOf('task'), async (id) => {
      const page = await body(api.GET('/api/tasks', { params: { query: { id, fields: 'id,title,status' } }, signal }))
      return page.items.map((item) => found('task', item.id, item.title, item.status))
    }),
  ])
  const all = [...contacts, ...projects, ...tasks]
  return visits.flatMap((visit) => all.find((item) => item.noun === visit.noun && item.id === visit.id) ?? [])
}

const named = (ids: string, read: (ids: string) => Promise<Found[]>): Promise<Found[]> => (ids ? read(ids) : Promise.resolve([]))

function found(noun: Found['noun'], id?: number, title?: string, kind?: string): Found {
  return { noun, id: id ?? 0, title: title ?? '', kind: kind ?? '', subtitle: null }
}
