/** The colours offered for projects and columns; the API accepts any. */
export const COLORS = [
  '#4f46e5', '#2f6fed', '#0891b2', '#12875f', '#65a30d', '#d9822b', '#dc2626', '#c026d3', '#a4508b', '#6b4226', '#64748b',
] as const

export const DEFAULT_COLOR = '#64748b'
const BY_PLACE = [DEFAULT_COLOR, '#2f6fed', '#d9822b', '#a4508b', '#0891b2'] as const

/** A column's colour; without one, a colour by its place, so that columns are easy to tell apart. */
export function columnColor(column: { color: string | null; is_done?: boolean } | null, place: number): string {
  if (column === null) return DEFAULT_COLOR
  return column.color ?? (column.is_done ? '#12875f' : (BY_PLACE[place % BY_PLACE.length] ?? DEFAULT_COLOR))
}
