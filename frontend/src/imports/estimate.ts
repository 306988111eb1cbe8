/** The fraction of the progress bar for the upload. */
export const SENDING_SHARE = 0.15

/** The estimated fraction after so many seconds of an expected duration; never 1. */
export function estimated(seconds: number, likely: number): number {
  const done = Math.min(seconds / Math.max(likely, 0.5), 1)
  // Beyond the expected duration it slows down.
  const late = Math.max(0, seconds - likely)
  return SENDING_SHARE + (1 - SENDING_SHARE) * (0.9 * done + 0.09 * (late / (late + 5)))
}
