import { Pause } from '../export/pause.ts'
import { backoffMs } from '../export/retry-policy.ts'
import { isAnswer } from './engine-error.ts'

/** The wait after one failure; it doubles up to the other. */
const FIRST_MS = 250
const MAX_MS = 5_000

interface Failing {
  failures: number
  retryAt: number
}

/**
 * When to try an engine again that may be away, or a table that it does not take rows of. What it refuses itself, as for too many
 * parts, says nothing of other tables; where no answer comes, none is tried.
 */
export class Patience {
  readonly #pauses = new Set<Pause>()
  readonly #engine: Failing = { failures: 0, retryAt: 0 }
  readonly #tables = new Map<string, Failing>()
  #ended = false

  /** Whether the engine, or it with this table, failed a moment ago. */
  isAway (table: string): boolean {
    return performance.now() < this.#retryAt(table)
  }

  failed (table: string, problem: unknown): void {
    const failing = isAnswer(problem) ? this.#tables.get(table) ?? { failures: 0, retryAt: 0 } : this.#engine
    // Several inserts that fail at once are one sign.
    if (performance.now() < failing.retryAt) return
    failing.failures += 1
    failing.retryAt = performance.now() + backoffMs(failing.failures, { firstMs: FIRST_MS, maxMs: MAX_MS })
    if (failing !== this.#engine) this.#tables.set(table, failing)
  }

  worked (table: string): void {
    this.#engine.failures = 0
    this.#engine.retryAt = 0
    this.#tables.delete(table)
  }

  /** Resolves when it is time to try again, or nothing is tried any more. */
  async untilRetry (table: string): Promise<void> {
    const rest = this.#retryAt(table) - performance.now()
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

  #retryAt (table: string): number {
    return Math.max(this.#engine.retryAt, this.#tables.get(table)?.retryAt ?? 0)
  }
}
