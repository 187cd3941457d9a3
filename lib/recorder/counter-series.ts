import type { Attributes } from '@opentelemetry/api'

/** What one attribute set of a counter has added up to. */
export class CounterSeries {
  readonly attributes: Attributes
  /** Milliseconds since the epoch of the first addition; undefined before it. */
  startTime: number | undefined
  value = 0

  constructor (attributes: Attributes) {
    this.attributes = attributes
  }

  /**
   * @param value is ignored when it is negative, as in the SDK
   * @param time milliseconds since the epoch
   */
  add (value: number, time: number): void {
    if (value < 0) return
    this.startTime ??= time
    this.value += value
  }
}
