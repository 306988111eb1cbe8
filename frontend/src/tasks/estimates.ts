/** Durations as people write them: `2h 30m`, `1,5 h`, `90`, `2:30`. */

const WHOLE = /^\s*(?:(\d+(?:[.,]\d+)?)\s*(?:h|hrs?|hours?|std\.?|stunden?))?\s*(?:(\d+)\s*(?:m|mins?|minutes?|minuten?|min\.)?)?\s*$/i
const CLOCK = /^\s*(\d+):([0-5]\d)\s*$/

/** Parses to minutes; null for an empty text, undefined for an invalid one. */
export function parseMinutes(text: string): number | null | undefined {
  if (text.trim() === '') return null
  const clock = CLOCK.exec(text)
  if (clock) return Number(clock[1]) * 60 + Number(clock[2])
  const found = WHOLE.exec(text)
  if (!found) return undefined
  return Math.round(Number((found[1] ?? '0').replace(',', '.')) * 60) + Number(found[2] ?? 0)
}

/** Formats minutes, `2h 30m`. */
export function writtenMinutes(minutes: number | null): string {
  if (minutes === null) return ''
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return [hours ? `${hours}h` : '', rest || !hours ? `${rest}m` : ''].filter(Boolean).join(' ')
}
