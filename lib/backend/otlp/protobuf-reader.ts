const TWO_TO_32 = 2 ** 32

/** Bytes are not the message that they should be. */
export class MalformedMessage extends RangeError {
  /** Of the answer. */
  readonly statusCode = 400

  constructor (what: string) {
    super(`the body is no OTLP request: ${what}`)
  }
}

/**
 * Walks over a message without making objects of it:
 * `while (reader.next()) { if (reader.field === 1) … else reader.skip() }`. Each field is read or skipped, once.
 */
export class ProtobufReader {
  readonly bytes: Uint8Array
  /** Number and wire type of the present field. */
  field = 0
  wire = 0
  /** Where the bytes of the last length-delimited field are. */
  start = 0
  end = 0
  /** Both halves of the last number of 64 bits. */
  low = 0
  high = 0
  #at: number
  #limit: number

  constructor (bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.#at = start
    this.#limit = end
  }

  /** Goes to another message in the same bytes. */
  enter (start: number, end: number): this {
    this.#at = start
    this.#limit = end
    return this
  }

  /** Whether there is one more field. */
  next (): boolean {
    if (this.#at >= this.#limit) return false
    const tag = this.#uint32()
    this.field = tag >>> 3
    this.wire = tag & 7
    if (this.field === 0) throw new MalformedMessage('a field has number 0')
    return true
  }

  /** The next field's bytes: {@link start} to {@link end}. */
  delimited (): void {
    this.expect(2)
    const length = this.#uint32()
    this.start = this.#at
    this.end = this.#at += length
    if (this.#at > this.#limit) throw new MalformedMessage('a field is longer than its message')
  }

  /** A varint: {@link low} and {@link high}. */
  varint (): void {
    this.expect(0)
    this.bareVarint()
  }

  /** A varint of a packed field, which has no tag of its own. */
  bareVarint (): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.low = low
        this.high = high
        return
      }
    }
    throw new MalformedMessage('a varint does not end')
  }

  /** 32 bits of a varint, or all of a fixed field: an enumeration, flags or a count. */
  number32 (): number {
    if (this.wire === 5) {
      this.#fixed(4)
      return this.low >>> 0
    }
    this.varint()
    return this.low >>> 0
  }

  /** Eight bytes: {@link low}, {@link high}, and where they are. */
  fixed64 (): void {
    this.expect(1)
    this.#fixed(8)
  }

  double (): number {
    this.fixed64()
    return readDouble(this.bytes, this.start)
  }

  skip (): void {
    switch (this.wire) {
      case 0: this.bareVarint(); break
      case 1: this.#fixed(8); break
      case 2: this.delimited(); break
      case 5: this.#fixed(4); break
      default: throw new MalformedMessage(`a field has wire type ${this.wire}`)
    }
  }

  expect (wire: number): void {
    if (this.wire !== wire) throw new MalformedMessage(`field ${this.field} has wire type ${this.wire}`)
  }

  /** Where the next field begins. */
  get at (): number {
    return this.#at
  }

  /** Where the message ends. */
  get limit (): number {
    return this.#limit
  }

  /** Whether bytes of a packed field are left. */
  get hasMore (): boolean {
    return this.#at < this.#limit
  }

  #fixed (count: 4 | 8): void {
    const at = this.#at
    this.start = at
    this.end = this.#at += count
    if (this.#at > this.#limit) throw new MalformedMessage('a field is longer than its message')
    this.low = word(this.bytes, at)
    this.high = count === 8 ? word(this.bytes, at + 4) : 0
  }

  #uint32 (): number {
    const byte = this.#byte()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let scale = 0x80; scale < TWO_TO_32 * 0x80; scale *= 0x80) {
      const next = this.#byte()
      value += (next & 0x7f) * scale
      if (next < 0x80) {
        if (value >= TWO_TO_32) break
        return value
      }
    }
    throw new MalformedMessage('a length or tag is too large')
  }

  #byte (): number {
    if (this.#at >= this.#limit) throw new MalformedMessage('it ends in the middle of a field')
    return this.bytes[this.#at++]!
  }
}

function word (bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24
}

export function readDouble (bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true)
}

/** Signed 64 bits as a number, whose last digits a double may not have. */
export function signedNumber (low: number, high: number): number {
  return high * TWO_TO_32 + (low >>> 0)
}

/** Signed 64 bits in decimal, all digits. */
export function signedText (low: number, high: number): string {
  const value = signedNumber(low, high)
  return Number.isSafeInteger(value) ? String(value) : String(BigInt(high) << 32n | BigInt(low >>> 0))
}
