import type { HrTime } from '@opentelemetry/api'

const NANOSECONDS = 1_000_000_000n

/**
 * When work began: on the wall clock for rows and spans, on the monotonic one for everything measured from it. The wall
 * clock is read in whole milliseconds, as that of the request's span is: no part may seem to begin before the whole.
 */
export class Stopwatch {
  /** Nanoseconds since the epoch. */
  readonly startedAt = BigInt(Date.now()) * 1_000_000n
  readonly #monotonic = process.hrtime.bigint()

  /** Whole nanoseconds since the start; never negative. */
  elapsed (): bigint {
    return process.hrtime.bigint() - this.#monotonic
  }

  /** The wall-clock time so many nanoseconds after the start, as spans take it. */
  timeAfter (nanoseconds: bigint): HrTime {
    const time = this.startedAt + nanoseconds
    return [Number(time / NANOSECONDS), Number(time % NANOSECONDS)]
  }
}

export function toMilliseconds (nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6
}

export function toSeconds (nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9
}
