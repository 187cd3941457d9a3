const FIRST_BYTES = 1_024
/** Of many bytes, twice as many would be more than a block has room for. */
const GROWTH_MAX = 16 * 1024 * 1024
/** More memory than this is not kept for what comes next. */
const KEPT_BYTES = 4 * 1024 * 1024
/** Resources and scopes stand in each of their rows: a small request could take all memory there is. */
const MOST_BYTES = 128 * 1024 * 1024
/** Up to this length a loop over the bytes is faster than a call into the engine. */
const LOOP_MAX = 24
const HEX = Buffer.from('0123456789abcdef')

const doubles = new Float64Array(1)
const doubleBytes = Buffer.from(doubles.buffer)

/** A column or a block would have more bytes than it may, with those that it held before; what was added has to be rolled back. */
export class RowsTooLarge extends RangeError {
  /** Of the answer, where nothing was held before. */
  readonly statusCode = 413

  constructor (mostBytes: number) {
    super(`the rows of the request take more than ${mostBytes} bytes: send fewer at a time`)
  }
}

/** Says to whom several runs belong that one of them grew. */
export interface Growth {
  grew: boolean
}

/** Bytes that grow at their end, in the forms of ClickHouse's native format: little-endian numbers, texts behind their length. */
export class ByteRun {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #at = 0
  #mark = 0
  #growth: Growth | undefined

  /** Notes there from now on that it grew. */
  tellGrowth (growth: Growth): void {
    this.#growth = growth
  }

  get byteLength (): number {
    return this.#at
  }

  /** What was written; shares memory with what will be. */
  get written (): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Remembers this place for {@link rollback}. */
  mark (): void {
    this.#mark = this.#at
  }

  rollback (): void {
    this.#at = this.#mark
    if (this.#bytes.length > KEPT_BYTES && this.#at <= FIRST_BYTES) this.#bytes = Buffer.concat([this.written], FIRST_BYTES)
  }

  clear (): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.#at = 0
    this.#mark = 0
  }

  #reserve (count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    if (this.#at + count > MOST_BYTES) throw new RowsTooLarge(MOST_BYTES)
    const larger = Buffer.allocUnsafeSlow(Math.max(Math.min(this.#bytes.length * 2, this.#bytes.length + GROWTH_MAX, MOST_BYTES), this.#at + count))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
    if (this.#growth !== undefined) this.#growth.grew = true
  }

  /** Bytes as they are. */
  raw (source: Uint8Array, start = 0, end = source.length): void {
    const length = end - start
    this.#reserve(length)
    const bytes = this.#bytes
    let at = this.#at
    if (length > LOOP_MAX) bytes.set(source.subarray(start, end), at)
    else for (let index = start; index < end; index++) bytes[at++] = source[index]!
    this.#at += length
  }

  /** @param value a whole number of at most 31 bits */
  varint (value: number): void {
    this.#reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#at++] = rest
  }

  /** A text that is UTF-8 already. */
  bytesText (source: Uint8Array, start = 0, end = source.length): void {
    this.varint(end - start)
    this.raw(source, start, end)
  }

  text (text: string): void {
    const length = Buffer.byteLength(text)
    this.varint(length)
    this.#reserve(length)
    this.#bytes.write(text, this.#at)
    this.#at += length
  }

  /** Bytes as a text in hexadecimal. */
  hexText (source: Uint8Array, start: number, end: number): void {
    this.varint((end - start) * 2)
    this.#reserve((end - start) * 2)
    const bytes = this.#bytes
    let at = this.#at
    for (let index = start; index < end; index++) {
      const byte = source[index]!
      bytes[at++] = HEX[byte >>> 4]!
      bytes[at++] = HEX[byte & 15]!
    }
    this.#at = at
  }

  uint8 (value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** 32 bits; negative ones in two's complement. */
  uint32 (value: number): void {
    this.#reserve(4)
    this.#word(value)
  }

  /** 64 bits of which each half is given, as 32 bits of either sign. */
  uint64 (low: number, high: number): void {
    this.#reserve(8)
    this.#word(low)
    this.#word(high)
  }

  double (value: number): void {
    doubles[0] = value
    this.raw(doubleBytes)
  }

  #word (value: number): void {
    const bytes = this.#bytes
    const at = this.#at
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
    this.#at = at + 4
  }
}
