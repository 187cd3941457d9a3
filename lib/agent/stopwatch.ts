import type { HrTime } from '@opentelemetry/api'
import type { WallClock } from './wall-clock.ts'

const NANOSECONDS = 1_000_000_000n

/** When work began: on the wall clock for rows and spans, on the monotonic one for everything measured from it. */
export class Stopwatch {
  /** Nanoseconds since the epoch. */
  readonly startedAt: bigint
  readonly #monotonic: bigint

  constructor (clock: WallClock) {
    const { wall, monotonic } = clock.now()
    this.startedAt = wall
    this.#monotonic = monotonic
  }

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
