const NANOSECONDS_PER_MILLISECOND = 1_000_000n

/** One moment on both clocks, in nanoseconds. */
export interface Moment {
  /** Since the epoch. */
  readonly wall: bigint
  readonly monotonic: bigint
}

/**
 * The wall clock in nanoseconds. The system tells whole milliseconds; what lies between them is taken from the monotonic
 * clock, by how far the two are apart. The process knows that from its start, to the microsecond, and each reading narrows
 * it down: the time is never before the millisecond that the system tells, nor past it by more than the reading took. So it
 * follows a clock that is set, and no part of a request seems to begin before the request, whose span has whole milliseconds.
 */
export class WallClock {
  readonly #milliseconds: () => number
  readonly #monotonic: () => bigint
  #apart: bigint

  constructor (milliseconds = Date.now, monotonic: () => bigint = process.hrtime.bigint, now = performance.timeOrigin + performance.now()) {
    this.#milliseconds = milliseconds
    this.#monotonic = monotonic
    this.#apart = BigInt(Math.round(now * 1e3)) * 1_000n - monotonic()
  }

  now (): Moment {
    const before = this.#monotonic()
    const millisecond = BigInt(this.#milliseconds()) * NANOSECONDS_PER_MILLISECOND
    const monotonic = this.#monotonic()
    const least = millisecond - monotonic
    const most = millisecond + NANOSECONDS_PER_MILLISECOND - 1n - before
    if (this.#apart < least) this.#apart = least
    else if (this.#apart > most) this.#apart = most
    return { wall: this.#apart + monotonic, monotonic }
  }
}
