import { context, type Context } from '@opentelemetry/api'

type Method = (this: unknown, ...args: unknown[]) => unknown

/**
 * Sees what becomes of a thenable that can do more than a promise, as the one that a provider's client gives: it stays the
 * object that it is, and what it stands for begins, as ever, when its `then` is called.
 *
 * @param carrier context in which it begins
 * @returns whether it can be seen; an object that takes no method of its own cannot
 */
export function observeThenable (thenable: PromiseLike<unknown>, carrier: Context, settled: (value: unknown) => void, failed: (error: unknown) => void): boolean {
  const then = thenable.then as Method
  return Reflect.defineProperty(thenable, 'then', {
    value (this: unknown, onFulfilled?: unknown, onRejected?: unknown): unknown {
      return context.with(carrier, then, this,
        (value: unknown) => {
          settled(value)
          return typeof onFulfilled === 'function' ? (onFulfilled as Method)(value) : value
        },
        (error: unknown) => {
          failed(error)
          if (typeof onRejected === 'function') return (onRejected as Method)(error)
          throw error
        })
    },
    configurable: true,
    writable: true,
    enumerable: false
  })
}
