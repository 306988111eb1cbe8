import { computed } from 'vue'
import { useSession } from '@/session/store'
import { useList } from '@/shared/records/reading'
import { tasks } from '@/tasks/api'

/** So many are read at most; who has more finds them on the page of tasks. */
const MOST = 200

/** The open tasks of who is signed in, as a query. */
export function useMyTasks() {
  const session = useSession()
  return useList(
    tasks,
    computed(() => ({ assignee_id: session.userId, status: 'open' as const, sort: 'due_on' as const, limit: MOST })),
  )
}

export type MyTasksQuery = ReturnType<typeof useMyTasks>
