/** For the fields around a batch: a few scopes with their attributes. */
const AROUND_BYTES = 16 * 1024

/**
 * Memory of request bodies that is used again. A body of half a megabyte is memory of its own for the operating system and
 * for the garbage collector, and under load several are made in a second.
 */
export class BodyMemory {
  readonly #bytes: number
  #spare: ArrayBuffer | undefined

  /** @param bytes of a full batch */
  constructor (bytes: number) {
    this.#bytes = bytes + AROUND_BYTES
  }

  /** At least so many bytes. Small bodies get their own: who sends little need not hold more. */
  take (bytes: number): ArrayBuffer {
    if (bytes > this.#bytes || bytes < this.#bytes / 2) return Buffer.allocUnsafeSlow(bytes).buffer
    const spare = this.#spare ?? Buffer.allocUnsafeSlow(this.#bytes).buffer
    this.#spare = undefined
    return spare
  }

  /** A body that is in nobody's hands any more; one that was not taken here is let go. */
  put ({ buffer }: Uint8Array): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.#bytes) this.#spare = buffer
  }
}
