/** Where a card goes: the neighbour that the server is told, and the resulting position. */
import type { Task } from '@/api/types'

export interface Placed {
  id: number
  position: number
}

/** The neighbour of a card; neither in an empty column. */
export interface Place {
  before?: number
  after?: number
}

const STEP = 1024
/** The server's bound for positions. */
const FARTHEST = 1e12

const stepFrom = (position: number, step: number): number => Math.max(-FARTHEST, Math.min(FARTHEST, position + step))

export function byPosition(a: Placed, b: Placed): number {
  return a.position - b.position || a.id - b.id
}

/** The neighbour in this order: the card above, else the one below. */
export function placeIn(order: readonly { id: number }[], id: number): Place {
  const index = order.findIndex((card) => card.id === id)
  const above = order[index - 1]
  const below = order[index + 1]
  if (above) return { after: above.id }
  return below ? { before: below.id } : {}
}

/** The order with the card moved to that index. */
export function withCardAt<Card extends { id: number }>(order: readonly Card[], card: Card, index: number): Card[] {
  const others = order.filter((other) => other.id !== card.id)
  const at = Math.max(0, Math.min(index, others.length))
  return [...others.slice(0, at), card, ...others.slice(at)]
}

/**
 * The position the server will give the card: the middle between the neighbour and the next task of the project,
 * in whatever column; the end without a neighbour. Where no number is left between the two it equals one of
 * them, and the server renumbers the tasks.
 */
export function positionAt(all: readonly Placed[], id: number, place: Place): number {
  const others = all.filter((one) => one.id !== id).sort(byPosition)
  const neighbour = place.after ?? place.before
  const index = others.findIndex((one) => one.id === neighbour)
  const here = others[index]?.position
  if (here === undefined) return stepFrom([...all].sort(byPosition).at(-1)?.position ?? 0, STEP)
  const there = place.after === undefined
    ? (others[index - 1]?.position ?? stepFrom(here, -STEP))
    : (others[index + 1]?.position ?? stepFrom(here, STEP))
  return (here + there) / 2
}

/** A position between two others; null where no number is left between them. */
export function positionBetween(before: number | undefined, after: number | undefined): number | null {
  if (before === undefined) return after === undefined ? STEP : after - STEP
  if (after === undefined) return before + STEP
  const middle = (before + after) / 2
  return middle > before && middle < after ? middle : null
}

export interface Columned {
  id: number
  is_done: boolean
}

/** The status of a card moved into the column, by the server's rules. */
export function statusIn(column: Columned | null, columns: readonly Columned[], task: Task): Task['status'] {
  if (column === null || column.id === task.column_id) return task.status
  if (column.is_done) return 'done'
  return columns.some((other) => other.is_done) ? 'open' : task.status
}
