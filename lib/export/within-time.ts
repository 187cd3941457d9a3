/** Whether `work` has ended without a fault after `timeoutMs` at most. Keeps the process alive meanwhile. */
export async function withinTime (work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(resolve, timeoutMs, false)
  try {
    return await Promise.race([work.then(() => true, () => false), timeout])
  } finally {
    clearTimeout(timer)
  }
}
