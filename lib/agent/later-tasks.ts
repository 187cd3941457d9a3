/** Tasks that may wait; past them, each is done at once. */
const WAITING_MAX = 1_000

/** Does what takes long, as redacting a long prompt, between other things: one task a turn of the event loop. */
export class LaterTasks {
  readonly #waiting: Array<() => void> = []
  readonly #onFault: (fault: unknown) => void
  #scheduled = false

  constructor (onFault: (fault: unknown) => void) {
    this.#onFault = onFault
  }

  add (task: () => void): void {
    this.#waiting.push(task)
    if (this.#waiting.length > WAITING_MAX) this.#next()
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
    try {
      this.#waiting.shift()?.()
    } catch (fault) {
      this.#onFault(fault)
    }
  }
}
