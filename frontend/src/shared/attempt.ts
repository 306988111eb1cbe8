/** Does the work and then `after`, whatever came of it. Returns whether it was done; an error is shown. */
export async function attempt(
  notices: { failed: (error: unknown) => void },
  work: () => Promise<unknown>,
  after?: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    notices.failed(error)
    return false
  } finally {
    await after?.()
  }
}
