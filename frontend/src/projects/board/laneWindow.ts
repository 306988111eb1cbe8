/** Which cards of a lane are drawn. */

export interface Range {
  from: number
  to: number
}

/** The range with some cards more on each side, within the lane. */
export function around({ from, to }: Range, more: number, count: number): Range {
  return { from: Math.max(0, from - more), to: Math.min(count - 1, to + more) }
}

/** Both ranges and what is between them. */
export function spanning(one: Range | null, other: Range): Range {
  return one === null ? other : { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) }
}

/** The indexes of the range, and that of the card which is kept wherever it is, in order. */
export function indexesOf({ from, to }: Range, kept: number): number[] {
  const indexes = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
  if (kept < 0 || (kept >= from && kept <= to)) return indexes
  return kept < from ? [kept, ...indexes] : [...indexes, kept]
}
