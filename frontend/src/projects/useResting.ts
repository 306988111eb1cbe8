/** Projects that rest (on hold, done or archived), and with them their tasks: nothing of theirs is overdue. */
import { createSharedComposable } from '@vueuse/core'
import { computed } from 'vue'
import { useSession } from '@/session/store'
import { useList } from '@/shared/records/reading'
import { projects } from './api'

const MOST = 1000
/** Archived projects get no more tasks. */
export const OFFERED = 'planned,active,on_hold,done'

export const isRestingStatus = (status: string): boolean => status === 'on_hold' || status === 'done' || status === 'archived'

/** Shared by the whole page, because long lists ask for every row. */
export const useResting = createSharedComposable(() => {
  const session = useSession()
  const found = useList(projects, () =>
    session.isSignedIn ? { status: 'on_hold,done,archived', sort: '-updated_at' as const, fields: 'id', limit: MOST } : null,
  )
  const ids = computed(() => new Set((found.data.value?.items ?? []).map((project) => project.id)))
  return { rests: (task: { project_id?: number | null }): boolean => typeof task.project_id === 'number' && ids.value.has(task.project_id) }
})
