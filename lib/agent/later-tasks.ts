/** Tasks that may wait; past them, each is done at once. */
const WAITING_MAX = 1_000
/** Bytes that they may keep in memory together. */
const BYTES_MAX = 64 * 1024 * 1024

/** The end of a call may wait, and adds what is kept of it, which adds nothing. More rounds would have no end on a busy server. */
const ROUNDS = 2

/** Milliseconds of a turn of the event loop after which the parts of a task that are left wait for the next one. */
const TURN_MS = 2

/** A task, or a long one in parts: it may be left wherever it yields. */
export type LaterWork = () => Iterator<unknown> | void

interface LaterTask {
  readonly run: LaterWork
  readonly bytes: number
}

/** Does what takes long, as redacting a long prompt, between other things: one task a turn of the event loop, or a part of one. */
export class LaterTasks {
  readonly #waiting: LaterTask[] = []
  readonly #onFault: (fault: unknown) => void
  #bytes = 0
  /** What is left of a task that was begun. */
  #begun: Iterator<unknown> | undefined
  #scheduled = false

  constructor (onFault: (fault: unknown) => void) {
    this.#onFault = onFault
  }

  /** @param bytes how much memory it holds until it is done, about */
  add (run: LaterWork, bytes = 0): void {
    this.#waiting.push({ run, bytes })
    this.#bytes += bytes
    while (this.#waiting.length > WAITING_MAX || (this.#bytes > BYTES_MAX && this.#waiting.length > 0)) this.#next()
    this.#schedule()
  }

  /** Resolves when all that waits now is done, with what that adds, each in its turn. */
  async done (): Promise<void> {
    for (let round = 0; round < ROUNDS && (this.#begun !== undefined || this.#waiting.length > 0); round++) {
      await new Promise<void>(resolve => { this.add(resolve) })
    }
  }

  /** Does all that waits, at once. */
  drain (): void {
    while (this.#begun !== undefined || this.#waiting.length > 0) this.#next()
  }

  #schedule (): void {
    if (this.#scheduled || (this.#begun === undefined && this.#waiting.length === 0)) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#next(performance.now() + TURN_MS)
      this.#schedule()
    })
  }

  /** @param until when to leave a task for another turn */
  #next (until = Infinity): void {
    try {
      this.#begun ??= this.#begin()
      while (this.#begun?.next().done === false) if (performance.now() >= until) return
    } catch (fault) {
      this.#onFault(fault)
    }
    this.#begun = undefined
  }

  #begin (): Iterator<unknown> | undefined {
    const task = this.#waiting.shift()
    if (task === undefined) return undefined
    this.#bytes -= task.bytes
    return task.run() ?? undefined
  }
}
