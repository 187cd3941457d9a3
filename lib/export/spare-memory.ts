/**
 * The size of the recorder's fragments, which all begin with the same: memory of another size would not be filled again, or
 * hold far more than is in it.
 */
const BYTES_MIN = 260 * 1024
const BYTES_MAX = 2 * BYTES_MIN

/** More would be memory that lies idle: that many are under way under load. */
const COUNT_MAX = 6

/** Memory of fragments that is free and can be filled again. */
export class SpareMemory {
  #buffers: ArrayBuffer[] = []

  /** Keeps memory that is worth it, while there is not enough. */
  put (buffer: ArrayBufferLike): void {
    const { byteLength } = buffer
    if (buffer instanceof ArrayBuffer && byteLength >= BYTES_MIN && byteLength <= BYTES_MAX && this.#buffers.length < COUNT_MAX) this.#buffers.push(buffer)
  }

  take (): ArrayBuffer | undefined {
    return this.#buffers.pop()
  }

  takeAll (): ArrayBuffer[] {
    const buffers = this.#buffers
    this.#buffers = []
    return buffers
  }
}
