import type { HrTime } from '@opentelemetry/api'

const NANOSECONDS = 1e9

/**
 * When a request began: on the wall clock for the span's start, on the monotonic one for everything measured from it.
 * The wall clock is read in whole milliseconds, as the SDK does for the spans and events inside: none of them may
 * seem to begin before the request.
 */
export interface StartTime {
  readonly wall: HrTime
  /** Milliseconds of `performance.now()`. */
  readonly monotonic: number
}

export function startTime (): StartTime {
  const now = Date.now()
  const seconds = Math.trunc(now / 1e3)
  return { wall: [seconds, (now - seconds * 1e3) * 1e6], monotonic: performance.now() }
}

/** Whole nanoseconds since `start`, never negative. */
export function nanosecondsSince (start: StartTime): number {
  return Math.max(0, Math.round((performance.now() - start.monotonic) * 1e6))
}

/** The wall-clock time `nanoseconds` after `start`. */
export function timeAfter (start: StartTime, nanoseconds: number): HrTime {
  const total = start.wall[1] + nanoseconds
  const seconds = Math.trunc(total / NANOSECONDS)
  return [start.wall[0] + seconds, total - seconds * NANOSECONDS]
}
