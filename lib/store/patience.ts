import { Pause } from '../export/pause.ts'
import { backoffMs } from '../export/retry-policy.ts'

/** The wait after one failure; it doubles up to the other. */
const FIRST_MS = 250
const MAX_MS = 5_000

/** What is known of an engine that may be away: when to try it again. Shared by all tables. */
export class Patience {
  readonly #pauses = new Set<Pause>()
  #failures = 0
  #retryAt = 0
  #ended = false

  /** Whether it failed a moment ago. */
  get isAway (): boolean {
    return performance.now() < this.#retryAt
  }

  failed (): void {
    // Several inserts that fail at once are one sign.
    if (this.isAway) return
    this.#failures += 1
    this.#retryAt = performance.now() + backoffMs(this.#failures, { firstMs: FIRST_MS, maxMs: MAX_MS })
  }

  worked (): void {
    this.#failures = 0
    this.#retryAt = 0
  }

  /** Resolves when it is time to try again, or nothing is tried any more. */
  async untilRetry (): Promise<void> {
    const rest = this.#retryAt - performance.now()
    if (rest <= 0 || this.#ended) return
    const pause = new Pause()
    this.#pauses.add(pause)
    await pause.wait(rest, false)
    this.#pauses.delete(pause)
  }

  /** Lets nobody wait any more. */
  end (): void {
    this.#ended = true
    for (const pause of this.#pauses) pause.end()
  }
}
