/** The filters of a project's tasks, kept in the address. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { TaskDraft } from '@/api/types'
import { useSession } from '@/session/store'
import { EVERYTHING, isNarrowed, matcher, readShown, writtenShown, type ShownTasks } from './taskFilters'

export function useShownTasks() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const shown = computed(() => readShown(route.query))
  const matches = computed(() => matcher(shown.value, session.userId))

  /** What a task added now is given, so that it is shown. */
  const given = computed<Partial<TaskDraft>>(() => {
    const { assignee, label, priority } = shown.value
    return {
      ...(assignee === null || assignee === 'nobody' ? {} : { assignee_ids: [assignee === 'me' ? session.userId : assignee] }),
      ...(label === null ? {} : { labels: [label] }),
      ...(priority === null ? {} : { priority }),
    }
  })

  async function change(changes: Partial<ShownTasks>): Promise<void> {
    await router.replace({ query: { ...route.query, ...writtenShown({ ...shown.value, ...changes }) } })
  }

  return { shown, matches, given, change, clear: () => change(EVERYTHING), isNarrowed: computed(() => isNarrowed(shown.value)) }
}
