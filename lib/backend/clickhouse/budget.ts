import { Exception } from './exception.ts'

/** Bytes of one kind that are in memory at a time. */
export class Budget {
  readonly #most: number
  readonly #what: string
  #held = 0

  /** @param what they are, in words */
  constructor (most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /** @throws {Exception} there would be too many */
  take (bytes: number): void {
    if (this.#held + bytes > this.#most) throw Exception.of(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `${this.#what} take ${this.#most} bytes already`)
    this.#held += bytes
  }

  give (bytes: number): void {
    this.#held -= bytes
  }
}
