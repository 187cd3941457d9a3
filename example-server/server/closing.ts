import { setTimeout as pause } from 'node:timers/promises'
import { SERVER_CLOSING } from './errors.ts'

/** A client that does not read its last bytes gets this much longer. */
const LAST_BYTES_MS = 500

/** How the server says to what it is doing that it is about to close. */
export class Closing {
  readonly #streams = new AbortController()
  readonly #work = new AbortController()

  /** Aborted when closing begins: a stream may be longer than anyone wants to wait. */
  get streams (): AbortSignal {
    return this.#streams.signal
  }

  /** Aborted some time after closing began. */
  get work (): AbortSignal {
    return this.#work.signal
  }

  begin (graceMs: number): void {
    this.#streams.abort(new SERVER_CLOSING())
    setTimeout(() => { this.#work.abort(new SERVER_CLOSING()) }, graceMs).unref()
  }

  /** Resolves when the answers are out, or when they had time enough. */
  async whenOver (answers: Promise<void>): Promise<void> {
    const cancelled = new Promise<void>(resolve => { this.work.addEventListener('abort', () => { resolve() }) })
    await Promise.race([answers, cancelled.then(async () => { await pause(LAST_BYTES_MS, undefined, { ref: false }) })])
  }
}
