import type { HrTime, TimeInput } from '@opentelemetry/api'
import { timeInputToHrTime } from '@opentelemetry/core'

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

/** What the API takes for a time: milliseconds since the epoch or of `performance.now()`, a Date, or seconds and nanoseconds. */
export function hrTimeOfInput (input: TimeInput | undefined, clock: AnchoredWallClock): HrTime {
  if (input === undefined) return hrTimeOf(clock.now())
  return Array.isArray(input) ? input : timeInputToHrTime(input)
}

export function isBefore (time: HrTime, other: HrTime): boolean {
  return time[0] < other[0] || (time[0] === other[0] && time[1] < other[1])
}
