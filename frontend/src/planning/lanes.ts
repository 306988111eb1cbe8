/** Lays out the tasks of a week in lanes so that none overlap. */
import { daysBetween } from '@/shared/format'

export interface Dated {
  id: number
  start_on: string | null
  due_on: string | null
}

export interface Segment<Item> {
  item: Item
  /** The weekday (0-6) it begins on in this week, and the number of days it spans. */
  from: number
  days: number
  lane: number
  isBegin: boolean
  isEnd: boolean
}

/** The first and last day of a task, from the dates it has; null without any. */
export function spanOf(item: Pick<Dated, 'start_on' | 'due_on'>): { from: string; to: string } | null {
  const to = item.due_on ?? item.start_on
  return to === null ? null : { from: item.start_on ?? to, to }
}

/** The parts of the items within the week, longest first, each in the first free lane. */
export function segmentsOf<Item extends Dated>(items: readonly Item[], week: readonly string[]): Segment<Item>[] {
  const [first, last] = [week[0] as string, week.at(-1) as string]
  const cut = items.flatMap((item) => {
    const span = spanOf(item)
    if (span === null || span.to < first || span.from > last) return []
    const from = Math.max(0, daysBetween(first, span.from))
    const to = Math.min(week.length - 1, daysBetween(first, span.to))
    return [{ item, from, days: to - from + 1, lane: 0, isBegin: span.from >= first, isEnd: span.to <= last }]
  })
  cut.sort((a, b) => b.days - a.days || a.from - b.from || a.item.id - b.item.id)
  const lanes: boolean[][] = []
  for (const segment of cut) segment.lane = freeLane(lanes, segment, week.length)
  return cut
}

function freeLane(lanes: boolean[][], segment: Segment<unknown>, length: number): number {
  const isFree = (taken: boolean[]) => !taken.slice(segment.from, segment.from + segment.days).includes(true)
  let lane = lanes.findIndex(isFree)
  if (lane < 0) lane = lanes.push(Array<boolean>(length).fill(false)) - 1
  lanes[lane]?.fill(true, segment.from, segment.from + segment.days)
  return lane
}

/**
 * What is shown of a week where a day has `room` lanes, and how many items each day leaves out. On days that
 * need it, the last lane holds the count of the items left out.
 */
export function fitted<Item extends Dated>(segments: readonly Segment<Item>[], days: number, room: number) {
  const covers = (segment: Segment<Item>, day: number) => segment.from <= day && day < segment.from + segment.days
  const isFull = Array.from({ length: days }, (_, day) => segments.some((one) => covers(one, day) && one.lane >= room))
  const isShown = (segment: Segment<Item>) =>
    segment.lane < room - 1
    || (segment.lane === room - 1 && !isFull.some((full, day) => full && covers(segment, day)))
  const shown = segments.filter(isShown)
  const hidden = segments.filter((segment) => !isShown(segment))
  const more = Array.from({ length: days }, (_, day) => hidden.filter((segment) => covers(segment, day)).length)
  return { shown, more }
}
