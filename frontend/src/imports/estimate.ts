/** The part of the bar that is for the file on its way. */
export const SENDING_SHARE = 0.15

/** The part that is done after so many seconds, when it is likely to take so many; never all of it. */
export function estimated(seconds: number, likely: number): number {
  const done = Math.min(seconds / Math.max(likely, 0.5), 1)
  // What takes longer than thought goes on ever more slowly.
  const late = Math.max(0, seconds - likely)
  return SENDING_SHARE + (1 - SENDING_SHARE) * (0.9 * done + 0.09 * (late / (late + 5)))
}
