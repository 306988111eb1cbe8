/** The tasks within the calendar's window. */
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { addDays } from '@/shared/format'
import { useList } from '@/shared/records/reading'
import { tasks, type TaskQuery } from '@/tasks/api'

/** The server finds tasks by due date: one due this long after the window may begin in it. */
const LONGEST_SPAN_DAYS = 92
const MOST = 1_000

export function useCalendarTasks(
  query: MaybeRefOrGetter<TaskQuery>,
  from: MaybeRefOrGetter<string>,
  to: MaybeRefOrGetter<string>,
) {
  const list = useList(tasks, () => {
    const asked = toValue(query)
    const after = [addDays(toValue(from), -1), asked.due_after ?? ''].sort().at(-1) as string
    const before = [addDays(toValue(to), LONGEST_SPAN_DAYS), asked.due_before ?? '9999'].sort()[0] as string
    return { ...asked, due_after: after, due_before: before, sort: 'due_on' as const, limit: MOST }
  })
  const items = computed(() => list.data.value?.items ?? [])
  const isCut = computed(() => typeof list.data.value?.next === 'string')
  return { list, items, isCut }
}
