/** Times of day in a time zone, and the moments they are. */

interface Parts {
  day: string
  time: string
}

/** The calendar day and the time (`14:30`) it is there at that moment. */
export function partsIn(moment: Date, timeZone: string | undefined): Parts {
  const written = new Intl.DateTimeFormat('en-CA', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(moment)
  const part = (type: Intl.DateTimeFormatPartTypes): string => written.find((one) => one.type === type)?.value ?? ''
  return { day: `${part('year')}-${part('month')}-${part('day')}`, time: `${part('hour')}:${part('minute')}` }
}

/** The moment it is that time of that day there; where the clock skips it, the time after the gap. */
export function momentOf(day: string, time: string, timeZone: string | undefined): string {
  const asUtc = Date.parse(`${day}T${time}:00Z`)
  let guess = asUtc
  // The offset at the guess may be that of the other side of a clock change: once more settles it.
  for (let round = 0; round < 2; round += 1) guess = asUtc - offsetAt(guess, timeZone)
  return new Date(guess).toISOString().replace('.000Z', 'Z')
}

function offsetAt(moment: number, timeZone: string | undefined): number {
  const there = partsIn(new Date(moment), timeZone)
  return Date.parse(`${there.day}T${there.time}:00Z`) - Math.floor(moment / 60_000) * 60_000
}
