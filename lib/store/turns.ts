/** Lets a few things run at a time, in the order they were asked for. */
export class Turns {
  readonly #waiting: Array<() => void> = []
  #free: number
  #running = 0
  #idle: Array<() => void> = []

  /** @param many how many at a time, at least 1 */
  constructor (many: number) {
    this.#free = many
  }

  async take<T> (work: () => Promise<T>): Promise<T> {
    this.#running += 1
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The place goes from hand to hand, so that nobody who asks later comes first.
      if (next === undefined) this.#free += 1
      else next()
      this.#running -= 1
      if (this.#running === 0) this.#idle.splice(0).forEach(tell => { tell() })
    }
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle (): Promise<void> {
    if (this.#running > 0) await new Promise<void>(resolve => { this.#idle.push(resolve) })
  }
}
