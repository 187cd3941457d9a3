/** Loaded before anything else, on every thread: a wall clock that can be set. The monotonic one stays as it is. */
import { getEnvironmentData } from 'node:worker_threads'

/** Name of the memory that all threads share: one number, milliseconds by which the clock is wrong. */
export const CLOCK = 'faults.clock'

const shared = getEnvironmentData(CLOCK) as SharedArrayBuffer | undefined

/** Replaces this thread's `Date` by one that is `shift[0]` milliseconds off. */
export function shiftDate (shift: Float64Array): void {
  const RealDate = Date
  const now = (): number => RealDate.now() + (shift[0] ?? 0)
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as object,
    get: (target, key, receiver) => key === 'now' ? now : Reflect.get(target, key, receiver) as unknown
  })
}

if (shared !== undefined) shiftDate(new Float64Array(shared))
