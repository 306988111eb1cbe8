/** The filters of a project's tasks, kept in the address. */
import { computed } from 'vue'
import type { TaskDraft } from '@/api/types'
import { useSession } from '@/session/store'
import { useAddressFilters } from '@/shared/addressFilters'
import { ADDRESS, EVERYTHING, isNarrowed, matcher } from './taskFilters'

export function useShownTasks() {
  const session = useSession()
  const { filters: shown, change } = useAddressFilters(ADDRESS)
  const matches = computed(() => matcher(shown.value, session.userId))

  /** Values for a task added now, so that it matches the filters. */
  const defaults = computed<Partial<TaskDraft>>(() => {
    const { assignee, label, priority } = shown.value
    return {
      ...(assignee === null || assignee === 'nobody' ? {} : { assignee_ids: assignee === 'me' ? session.selfIds : [assignee] }),
      ...(label === null ? {} : { labels: [label] }),
      ...(priority === null ? {} : { priority }),
    }
  })

  return { shown, matches, defaults, change, clear: () => change(EVERYTHING), isNarrowed: computed(() => isNarrowed(shown.value)) }
}
