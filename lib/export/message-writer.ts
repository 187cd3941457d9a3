/** Bytes of a varint. */
export function varintLength (value: number): number {
  let length = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++
  return length
}

/** Characters up to which a loop is faster than a call out of JavaScript; as a length they take one byte. */
const LOOP_MAX = 48

/** Appends protobuf messages to a buffer that grows. */
export class MessageWriter {
  #bytes: Buffer
  #at = 0

  /** @param memory to write to, or how many bytes of it to begin with */
  constructor (memory: number | Buffer) {
    this.#bytes = typeof memory === 'number' ? Buffer.allocUnsafeSlow(memory) : memory
  }

  /** What was written; shares the writer's memory. */
  get written (): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  /** A whole number of at most 53 bits. Negative ones take ten bytes, in two's complement. */
  varint (value: number): this {
    this.#reserve(10)
    let rest = value
    if (value < 0) {
      let bits = BigInt.asUintN(64, BigInt(value))
      for (; bits > 0x7fn; bits >>= 7n) this.#bytes[this.#at++] = Number(bits & 0x7fn) | 0x80
      rest = Number(bits)
    }
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80
    this.#bytes[this.#at++] = rest
    return this
  }

  fixed64 (value: bigint): this {
    this.#reserve(8)
    this.#at = this.#bytes.writeBigUInt64LE(value, this.#at)
    return this
  }

  fixed32 (value: number): this {
    this.#reserve(4)
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
    return this
  }

  double (value: number): this {
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
    return this
  }

  raw (bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  /** A field of bytes under `tag`. */
  bytes (tag: number, bytes: Uint8Array): this {
    return this.varint(tag).varint(bytes.length).raw(bytes)
  }

  /** A field of text under `tag`; a lone surrogate becomes U+FFFD. */
  text (tag: number, text: string): this {
    this.varint(tag)
    if (text.length <= LOOP_MAX && this.#ascii(text)) return this
    const length = Buffer.byteLength(text)
    this.varint(length).#reserve(length)
    this.#at += this.#bytes.write(text, this.#at)
    return this
  }

  /** Writes a short text after its length, if it is ASCII. @returns whether it is */
  #ascii (text: string): boolean {
    const { length } = text
    this.#reserve(length + 1)
    const bytes = this.#bytes
    const start = this.#at
    bytes[start] = length
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      bytes[start + 1 + index] = code
    }
    this.#at = start + 1 + length
    return true
  }

  /** A field under `tag` that holds what `write` writes. */
  message (tag: number, write: () => void): this {
    this.varint(tag).#reserve(1)
    const start = this.#at++
    write()
    const length = this.#at - start - 1
    const more = varintLength(length) - 1
    if (more > 0) {
      // One byte was kept free for the length; what follows moves on where it takes more.
      this.#reserve(more)
      this.#bytes.copyWithin(start + 1 + more, start + 1, this.#at)
    }
    this.#at = start
    this.varint(length)
    this.#at += length
    return this
  }

  #reserve (count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + count))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}
