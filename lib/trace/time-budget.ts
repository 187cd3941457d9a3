/** Milliseconds that one use may take. */
const FREE_MS = 2
/** How many times as long as a use that took more there is no other. */
const REST = 1_000

/**
 * Time for what cannot be cut short. Once that was more than a moment there is a rest, so that it takes a thousandth of the
 * time at most.
 */
export class TimeBudget {
  #restsUntil = 0

  get isSpent (): boolean {
    return this.#restsUntil !== 0 && performance.now() < this.#restsUntil
  }

  /** @param start when the use began, in milliseconds of `performance.now()` */
  spendSince (start: number): void {
    const end = performance.now()
    if (end - start > FREE_MS) this.#restsUntil = end + (end - start) * REST
  }
}
