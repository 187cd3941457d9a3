/** Who waits for numbered things to have left, in the order of their numbers. */
export class FlushWaits {
  readonly #waits = new Set<{ readonly upTo: number, readonly done: () => void }>()

  /** Resolves when nothing up to this number is left. */
  async until (upTo: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waits.add({ upTo, done: resolve })
    await promise
  }

  /** `oldest`: the lowest number that is still here, infinite when there is none. */
  tell (oldest: number): void {
    for (const wait of this.#waits) {
      if (wait.upTo >= oldest) continue
      this.#waits.delete(wait)
      wait.done()
    }
  }
}
