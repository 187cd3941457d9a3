import { Breaks } from './breaks.ts'
import { Exception } from './exception.ts'
import { parseNativeType, type NativeType } from './native-types.ts'

/** From this revision on, a column says whether it is written in a way of its own. */
const CUSTOM_SERIALIZATION = 54_454
/** Field 1: no overflows; field 2: no bucket; the end. */
const BLOCK_INFO = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0])
const NOT_CUSTOM = Buffer.from([0])

/**
 * Blocks of the native format, as the engine writes them, in the form that clients of a later revision of the protocol read: with
 * information before each block, and a byte more in each column. Values stay as they are.
 *
 * @returns parts that follow one another
 * @throws {Exception} a column has a type that is not known here
 */
export async function nativeForRevision (blocks: Uint8Array, revision: number): Promise<Uint8Array[]> {
  if (revision === 0) return [blocks]
  const breaks = new Breaks()
  const reader = new BlockReader(blocks)
  const parts: Uint8Array[] = []
  while (!reader.atEnd) {
    parts.push(BLOCK_INFO)
    const start = reader.at
    const columns = reader.varint()
    const rows = reader.varint()
    parts.push(blocks.subarray(start, reader.at))
    for (let column = 0; column < columns; column++) {
      const title = reader.at
      reader.text()
      const type = reader.text()
      parts.push(blocks.subarray(title, reader.at))
      if (revision >= CUSTOM_SERIALIZATION) parts.push(NOT_CUSTOM)
      const data = reader.at
      if (rows > 0) reader.column(parseNativeType(type), rows)
      parts.push(blocks.subarray(data, reader.at))
      if (breaks.isDue) await breaks.take()
    }
  }
  return parts
}

/** Goes over values without looking at them. */
class BlockReader {
  readonly #bytes: Buffer
  at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd (): boolean {
    return this.at >= this.#bytes.length
  }

  varint (): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.at++]
      if (byte === undefined) throw Exception.of(33, 'CANNOT_READ_ALL_DATA', 'a block of the engine ends too soon')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }

  text (): string {
    const length = this.varint()
    this.at += length
    return this.#bytes.toString('utf8', this.at - length, this.at)
  }

  #skip (length: number): void {
    this.at += length
  }

  column (type: NativeType, rows: number): void {
    this.#prefix(type)
    this.#values(type, rows)
  }

  /** Versions of dictionaries stand before all values of a column. */
  #prefix (type: NativeType): void {
    switch (type.kind) {
      case 'dictionary': this.at += 8; break
      case 'array': case 'nullable': this.#prefix(type.inner); break
      case 'tuple': for (const inner of type.inner) this.#prefix(inner)
    }
  }

  #values (type: NativeType, rows: number): void {
    switch (type.kind) {
      case 'fixed': this.at += type.bytes * rows; break
      case 'text': for (let row = 0; row < rows; row++) this.#skip(this.varint()); break
      case 'nullable':
        this.at += rows
        this.#values(type.inner, rows)
        break
      case 'array': {
        this.at += rows * 8
        const count = rows === 0 ? 0 : Number(this.#bytes.readBigUInt64LE(this.at - 8))
        this.#values(type.inner, count)
        break
      }
      case 'tuple': for (const inner of type.inner) this.#values(inner, rows); break
      case 'dictionary': this.#dictionary(type.inner, rows)
    }
  }

  #dictionary (inner: NativeType, rows: number): void {
    if (rows === 0) return
    const indexBytes = 2 ** (this.#bytes.readUInt8(this.at))
    this.at += 8
    const keys = Number(this.#bytes.readBigUInt64LE(this.at))
    this.at += 8
    this.#values(inner, keys)
    const count = Number(this.#bytes.readBigUInt64LE(this.at))
    this.at += 8 + count * indexBytes
  }
}
