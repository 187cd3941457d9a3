const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** A field of a protobuf message, as far as the carrier reads one. */
export interface Field {
  readonly number: number
  /** Of a varint. */
  readonly value?: number
  /** Of a text, of bytes or of a message; they share the memory of the message around. */
  readonly bytes?: Uint8Array
}

/**
 * Reads the fields of a message, one level of it.
 *
 * @throws {RangeError} the bytes are no message
 */
export function * fieldsOf (bytes: Uint8Array): Generator<Field> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('a varint does not end')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  const skip = (length: number): Uint8Array => {
    at += length
    if (at > bytes.length) throw new RangeError('a field does not end')
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case VARINT: yield { number, value: varint() }; break
      case FIXED64: skip(8); break
      case LENGTH_DELIMITED: yield { number, bytes: skip(varint()) }; break
      case FIXED32: skip(4); break
      default: throw new RangeError('an unknown wire type')
    }
  }
}
