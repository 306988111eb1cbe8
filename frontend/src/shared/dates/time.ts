/** Reads a time of day as people write it: `9`, `9:30`, `930`, `14.30`, `2 pm`, `14 Uhr`. */
const TIME = /^(\d{1,2})(?:[:.h ]?(\d{2}))?\s*(am|pm|uhr|h)?$/

/** The time as `09:30`; null where it is none. */
export function parseTime(text: string): string | null {
  const found = TIME.exec(text.trim().toLowerCase().replaceAll('.m.', 'm'))
  if (!found) return null
  const [, hours = '', minutes = '00', half] = found
  const isHalf = half === 'am' || half === 'pm'
  const hour = isHalf ? (Number(hours) % 12) + (half === 'pm' ? 12 : 0) : Number(hours)
  if (hour > 23 || Number(minutes) > 59 || (isHalf && Number(hours) > 12)) return null
  return `${String(hour).padStart(2, '0')}:${minutes}`
}
