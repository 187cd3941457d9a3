import type { HrTime, TimeInput } from '@opentelemetry/api'
import { isTimeInput, timeInputToHrTime } from '@opentelemetry/core'

/**
 * The wall clock with the resolution and the steadiness of the monotonic one. The anchor is taken anew when the two
 * have drifted apart by more than this (a clock that was set, a machine that slept).
 */
const DRIFT_MAX_MS = 50
/** How often drift is looked for; reading both clocks on every span would cost as much as it gives. */
const CHECK_EVERY_MS = 1_000

/** Milliseconds since the epoch, with fractions. */
export class AnchoredWallClock {
  #anchor = Date.now() - performance.now()
  #nextCheck = 0

  now (): number {
    const monotonic = performance.now()
    if (monotonic >= this.#nextCheck) this.#check(monotonic)
    return this.#anchor + monotonic
  }

  #check (monotonic: number): void {
    this.#nextCheck = monotonic + CHECK_EVERY_MS
    const anchor = Date.now() - monotonic
    if (Math.abs(anchor - this.#anchor) > DRIFT_MAX_MS) this.#anchor = anchor
  }
}

/** Milliseconds since the epoch as seconds and nanoseconds. */
export function hrTimeOf (milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000)
  return [seconds, Math.floor((milliseconds - seconds * 1_000) * 1e6)]
}

/** The last second whose nanoseconds all fit into 64 bits. */
const SECONDS_MAX = 18_446_744_072

/**
 * What the API takes for a time: milliseconds since the epoch or of `performance.now()`, a Date, or seconds and nanoseconds.
 * Anything else, and a time that OTLP cannot say, is now; the SDK writes such times as 1970 or as any other, where nobody
 * looks for a span, and a trace seems to last for decades.
 */
export function hrTimeOfInput (input: TimeInput | undefined, clock: AnchoredWallClock): HrTime {
  if (input !== undefined && isTimeInput(input)) {
    const time = timeInputToHrTime(input)
    if (isSayable(time)) return time
  }
  return hrTimeOf(clock.now())
}

function isSayable ([seconds, nanoseconds]: HrTime): boolean {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= SECONDS_MAX && nanoseconds >= 0 && nanoseconds < 2e9
}

export function isBefore (time: HrTime, other: HrTime): boolean {
  return time[0] < other[0] || (time[0] === other[0] && time[1] < other[1])
}
