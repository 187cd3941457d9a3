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
    // It would never find room, however long its client waits.
    if (bytes > this.#most) throw Exception.of(396, 'TOO_MANY_ROWS_OR_BYTES', `${bytes} bytes are more than ${this.#what} may take: ${this.#most}. Ask for less at a time`)
    if (this.#held + bytes > this.#most) throw Exception.of(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `${this.#what} take ${this.#most} bytes already`)
    this.#held += bytes
  }

  give (bytes: number): void {
    this.#held -= bytes
  }
}
