/** Converts between times of day in a time zone and moments. */

interface Parts {
  day: string
  time: string
}

/** The calendar day and time (`14:30`) in the time zone at that moment. */
export function partsIn(moment: Date, timeZone: string | undefined): Parts {
  const written = new Intl.DateTimeFormat('en-CA', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(moment)
  const part = (type: Intl.DateTimeFormatPartTypes): string => written.find((one) => one.type === type)?.value ?? ''
  return { day: `${part('year')}-${part('month')}-${part('day')}`, time: `${part('hour')}:${part('minute')}` }
}

/** The moment of that time of day; where the clock skips it, the time after the gap. */
export function momentOf(day: string, time: string, timeZone: string | undefined): string {
  const asUtc = Date.parse(`${day}T${time}:00Z`)
  let guess = asUtc
  // The guess may have the offset of the other side of a clock change; a second pass corrects it.
  for (let round = 0; round < 2; round += 1) guess = asUtc - offsetAt(guess, timeZone)
  return new Date(guess).toISOString().replace('.000Z', 'Z')
}

function offsetAt(moment: number, timeZone: string | undefined): number {
  const there = partsIn(new Date(moment), timeZone)
  return Date.parse(`${there.day}T${there.time}:00Z`) - Math.floor(moment / 60_000) * 60_000
}
