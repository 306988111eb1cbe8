/** Where one goes in the inbox, and its days. */
import { partsIn } from '@/shared/zoned'
import type { Notification } from './api'

/** The id that many steps away; the first one where nothing is chosen, null at the ends. */
export function stepFrom(ids: readonly number[], chosen: number | null, step: 1 | -1): number | null {
  const index = chosen === null ? -1 : ids.indexOf(chosen)
  if (index < 0) return ids[0] ?? null
  return ids[index + step] ?? null
}

/** What opens when the chosen one is done: the next, else the one before it. */
export const afterwards = (ids: readonly number[], chosen: number): number | null => stepFrom(ids, chosen, 1) ?? stepFrom(ids, chosen, -1)

export interface Day {
  day: string
  items: Notification[]
}

/** The items by calendar day, in their order. */
export function byDay(items: readonly Notification[], timeZone: string | undefined): Day[] {
  const days: Day[] = []
  for (const item of items) {
    const { day } = partsIn(new Date(item.at), timeZone)
    const last = days.at(-1)
    if (last?.day === day) last.items.push(item)
    else days.push({ day, items: [item] })
  }
  return days
}
