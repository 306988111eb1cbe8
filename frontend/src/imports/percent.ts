/** The part of the bar for sending the file. */
const SENDING = 15

/** Returns the whole percents of an import of which this part was sent, and that has come to this row of so many. */
export function percentOf(sent: number, row: number, rows: number): number {
  if (sent < 1 || rows === 0) return Math.round(SENDING * Math.min(sent, 1))
  return Math.round(SENDING + (100 - SENDING) * Math.min(row / rows, 1))
}
