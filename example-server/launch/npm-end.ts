const LOOK_EVERY_MS = 500

/**
 * Resolves when the shell in which npm started this process is gone: npm tells a signal that it gets to that shell
 * alone, which ends without telling anybody. Without npm it never resolves.
 */
export async function npmEnd (): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (process.env['npm_lifecycle_event'] === undefined) return await promise
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    resolve()
  }, LOOK_EVERY_MS)
  timer.unref()
  return await promise
}
