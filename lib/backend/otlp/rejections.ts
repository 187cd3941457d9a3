/** What of a request was not kept, and why. */
export class Rejections {
  #count = 0
  readonly #reasons = new Set<string>()

  add (reason: string, count = 1): void {
    this.#count += count
    this.#reasons.add(reason)
  }

  get count (): number {
    return this.#count
  }

  /** Each reason once. */
  get message (): string {
    return [...this.#reasons].join('; ')
  }
}
