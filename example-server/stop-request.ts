const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** npm passes Ctrl-C on to a process that the terminal has told already. */
const SAME_REQUEST_MS = 1_000

/**
 * Resolves when this process is asked to stop: by a signal, or by the end of a parent that it has a channel to. Whoever
 * asks again later does not want to wait: the process exits at once.
 */
export async function stopRequest (): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let askedAt: number | undefined
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      askedAt ??= performance.now()
      if (performance.now() - askedAt > SAME_REQUEST_MS) process.exit(1)
      resolve(signal)
    })
  }
  if (process.connected) process.once('disconnect', () => { resolve('SIGTERM') })
  // The parent had gone before anybody listened.
  else if (process.send !== undefined) resolve('SIGTERM')
  return await promise
}

/** Tells the parent, if it listens, that this process answers. */
export function announce (message: object): void {
  if (process.connected) process.send?.(message)
}

/** The channel to the parent would keep a process alive that has nothing left to do. */
export function leaveParent (): void {
  if (process.connected) process.disconnect()
}
