import { computed } from 'vue'
import { useSession } from '@/session/store'
import { useList } from '@/shared/records/reading'
import { tasks } from '@/tasks/api'

/** The most tasks read here; the tasks page has the rest. */
const MOST = 200

/** The open tasks of the current person, but for those that rest. */
export function useMyTasks() {
  const session = useSession()
  return useList(
    tasks,
    computed(() => ({ assignee_id: session.userId, status: 'open' as const, resting: false, sort: 'due_on' as const, limit: MOST })),
  )
}

export type MyTasksQuery = ReturnType<typeof useMyTasks>
