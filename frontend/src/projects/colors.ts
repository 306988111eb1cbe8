/** The colours of projects and columns that are offered; any other can be written by the API. */
export const COLORS = [
  '#4f46e5', '#2f6fed', '#0891b2', '#12875f', '#65a30d', '#d9822b', '#dc2626', '#c026d3', '#a4508b', '#6b4226', '#64748b',
] as const

export const DEFAULT_COLOR = '#64748b'
