/** Bytes that a text of one UTF-16 unit may take in UTF-8. */
const UTF8_MAX = 3
/** Up to this length a loop over the characters is faster than a call into Node's encoder. */
const LOOP_MAX = 32

const TWO_TO_32 = 2 ** 32

const doubles = new Float64Array(1)
const doubleBytes = new Uint8Array(doubles.buffer)

/** Bytes of the varint of a length. */
export function varintLength (length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5
}

/**
 * Appends protobuf to a buffer that grows. Lengths are written where their message begins, after it is known how long
 * it became: one byte is kept free, and what was written moves on where it takes more.
 */
export class ProtobufWriter {
  bytes: Buffer
  /** Where the next byte goes. */
  at = 0
  #seconds = -1
  #secondsLow = 0
  #secondsHigh = 0

  /** @param memory to write to, or how many bytes of it to begin with */
  constructor (memory: number | ArrayBuffer) {
    this.bytes = typeof memory === 'number' ? Buffer.allocUnsafeSlow(memory) : Buffer.from(memory)
  }

  /** What was written; shares the writer's memory. */
  get written (): Uint8Array {
    return this.bytes.subarray(0, this.at)
  }

  /** Makes sure that `count` more bytes fit. Methods below that do not say otherwise call it themselves. */
  reserve (count: number): void {
    if (this.at + count <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + count))
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
  }

  /** One byte; the caller has reserved it. */
  byte (value: number): void {
    this.bytes[this.at++] = value
  }

  /** Four bytes, most significant first; the caller has reserved them. */
  word (value: number): void {
    const { bytes, at } = this
    bytes[at] = value >>> 24
    bytes[at + 1] = value >>> 16
    bytes[at + 2] = value >>> 8
    bytes[at + 3] = value
    this.at = at + 4
  }

  /** A whole number of at most 53 bits, negative ones in two's complement of 64 bits. */
  varint (value: number): void {
    this.reserve(10)
    if (value >= 0 && value <= 0x7fffffff) {
      let rest = value
      while (rest > 0x7f) {
        this.bytes[this.at++] = (rest & 0x7f) | 0x80
        rest >>>= 7
      }
      this.bytes[this.at++] = rest
      return
    }
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 0x7fn) {
      this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.bytes[this.at++] = Number(rest)
  }

  double (value: number): void {
    this.reserve(8)
    doubles[0] = value
    this.bytes.set(doubleBytes, this.at)
    this.at += 8
  }

  fixed32 (value: number): void {
    this.reserve(4)
    this.#littleEndian(value)
  }

  /** Nanoseconds since the epoch, given as seconds and the nanoseconds beyond them. */
  fixed64Time (seconds: number, nanoseconds: number): void {
    this.reserve(8)
    if (!Number.isSafeInteger(seconds)) return this.fixed64Time(0, 0)
    // Many times share their second, and the product has more bits than a number keeps.
    if (seconds !== this.#seconds) {
      const product = BigInt(seconds) * 1_000_000_000n
      this.#seconds = seconds
      this.#secondsLow = Number(BigInt.asUintN(32, product))
      this.#secondsHigh = Number(product >> 32n)
    }
    const low = this.#secondsLow + nanoseconds
    const carry = low >= TWO_TO_32 ? 1 : 0
    this.#littleEndian(low - carry * TWO_TO_32)
    this.#littleEndian(this.#secondsHigh + carry)
  }

  #littleEndian (value: number): void {
    const { bytes, at } = this
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    this.at = at + 4
  }

  raw (bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Raw bytes after their length. */
  lengthDelimited (bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.raw(bytes)
  }

  /** A text in UTF-8 after its length. A lone surrogate becomes U+FFFD, as in Node's own encoder. */
  string (text: string): void {
    this.reserve(text.length * UTF8_MAX + 5)
    const start = this.begin()
    this.text(text)
    this.finish(start)
  }

  /** A text in UTF-8 without a length; the caller has reserved three bytes a character. */
  text (text: string): void {
    const { length } = text
    if (length <= LOOP_MAX) {
      const { bytes } = this
      let { at } = this
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) break
        bytes[at++] = code
      }
      if (index === length) {
        this.at = at
        return
      }
    }
    this.at += this.bytes.utf8Write(text, this.at)
  }

  /** Begins a message whose length is not known yet. @returns what to give to {@link finish} */
  begin (): number {
    this.reserve(1)
    return this.at++
  }

  /** Ends a message: writes its length where it began. */
  finish (start: number): void {
    const length = this.at - start - 1
    if (length < 0x80) {
      this.bytes[start] = length
      return
    }
    const lengthBytes = varintLength(length)
    this.reserve(lengthBytes)
    this.bytes.copyWithin(start + lengthBytes, start + 1, this.at)
    this.at = start
    this.varint(length)
    this.at = start + lengthBytes + length
  }
}

declare global {
  // Public in Node but for its types: `write()` without the checks of its arguments.
  interface Buffer {
    utf8Write (text: string, offset: number, length?: number): number
  }
}
