import type { MonitoredPool } from './pool.ts'

/** What becomes of a caller's wish for a connection. */
export interface CheckoutListener {
  onCheckout (milliseconds: number): void
  onFailure (error: unknown): void
}

type Connect = MonitoredPool['connect']
type Callback = (error: unknown, ...rest: unknown[]) => unknown

/**
 * Puts a `connect` before the pool's own, which takes the time until a connection is handed out. What a pool does with
 * a query goes through it too.
 *
 * @returns what takes it away
 */
export function watchCheckouts (pool: MonitoredPool, listener: CheckoutListener): () => void {
  const own = Object.getOwnPropertyDescriptor(pool, 'connect')
  let active = true

  function watched (this: unknown, ...args: unknown[]): unknown {
    // An instrumentation may replace the method of the class at any time.
    const connect = (own === undefined ? (Object.getPrototypeOf(pool) as MonitoredPool).connect : own.value) as Connect
    if (!active) return Reflect.apply(connect, this, args)
    const start = performance.now()
    const end = (error: unknown): void => {
      if (error === undefined || error === null) listener.onCheckout(performance.now() - start)
      else listener.onFailure(error)
    }
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      return Reflect.apply(connect, this, [...args.slice(0, -1), function (this: unknown, ...results: Parameters<Callback>) {
        end(results[0])
        return Reflect.apply(callback as Callback, this, results)
      }])
    }
    const result: unknown = Reflect.apply(connect, this, args)
    return typeof (result as PromiseLike<unknown> | undefined)?.then === 'function' ? watchPromise(result as PromiseLike<unknown>, end) : result
  }

  Object.defineProperty(pool, 'connect', { value: watched, configurable: true, writable: true, enumerable: own?.enumerable ?? false })
  return () => {
    active = false
    // Somebody else's, put in since, goes on to this one, which does nothing any more.
    if (pool.connect !== watched) return
    if (own === undefined) Reflect.deleteProperty(pool, 'connect')
    else Object.defineProperty(pool, 'connect', own)
  }
}

/** The promise that is handed on: one that fails and that nobody handles has to stay so. */
function watchPromise (promise: PromiseLike<unknown>, end: (error?: unknown) => void): PromiseLike<unknown> {
  return promise.then(
    connection => {
      end()
      return connection
    },
    (error: unknown) => {
      end(error ?? 'no reason')
      throw error
    })
}
