import { setImmediate as turn } from 'node:timers/promises'

/** Milliseconds that a piece of work may keep everything else waiting. */
const AT_ONCE_MS = 5

/** Lets others on the event loop have their turn, where work took long already. */
export class Breaks {
  #since = performance.now()

  get isDue (): boolean {
    return performance.now() - this.#since >= AT_ONCE_MS
  }

  async take (): Promise<void> {
    await turn()
    this.#since = performance.now()
  }
}
