/** The call or meeting that was just ticked off, and is asked about: how did it go? */
import { shallowRef } from 'vue'
import type { Task } from '@/api/types'

export const askedAbout = shallowRef<Task | null>(null)

/** Asks about a task that is a call or a meeting. */
export function askHowItWent(task: Task): void {
  if (task.kind !== 'todo') askedAbout.value = task
}
