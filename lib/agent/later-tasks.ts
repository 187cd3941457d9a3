/** Tasks that may wait; past them, each is done at once. */
const WAITING_MAX = 1_000
/** Bytes that they may keep in memory together. */
const BYTES_MAX = 64 * 1024 * 1024

interface LaterTask {
  readonly run: () => void
  readonly bytes: number
}

/** Does what takes long, as redacting a long prompt, between other things: one task a turn of the event loop. */
export class LaterTasks {
  readonly #waiting: LaterTask[] = []
  readonly #onFault: (fault: unknown) => void
  #bytes = 0
  #scheduled = false

  constructor (onFault: (fault: unknown) => void) {
    this.#onFault = onFault
  }

  /** @param bytes how much memory it holds until it is done, about */
  add (run: () => void, bytes = 0): void {
    this.#waiting.push({ run, bytes })
    this.#bytes += bytes
    while (this.#waiting.length > WAITING_MAX || (this.#bytes > BYTES_MAX && this.#waiting.length > 0)) this.#next()
    this.#schedule()
  }

  /** Does all that waits. */
  drain (): void {
    while (this.#waiting.length > 0) this.#next()
  }

  #schedule (): void {
    if (this.#scheduled || this.#waiting.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#next()
      this.#schedule()
    })
  }

  #next (): void {
    const task = this.#waiting.shift()
    if (task === undefined) return
    this.#bytes -= task.bytes
    try {
      task.run()
    } catch (fault) {
      this.#onFault(fault)
    }
  }
}
