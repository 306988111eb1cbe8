/** A timeline by month, as the company's calendar has them. */
import { partsIn } from '@/shared/zoned'

export interface Month<Item> {
  /** `2026-11`. */
  month: string
  items: Item[]
}

/** The items, newest first, below the months they happened in. */
export function byMonth<Item extends { at: string }>(items: readonly Item[], timeZone: string | undefined): Month<Item>[] {
  const months: Month<Item>[] = []
  for (const item of items) {
    const month = partsIn(new Date(item.at), timeZone).day.slice(0, 7)
    const last = months.at(-1)
    if (last?.month === month) last.items.push(item)
    else months.push({ month, items: [item] })
  }
  return months
}
