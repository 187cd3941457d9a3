/** What an endpoint says about a request that it accepted. */
export interface PartialSuccess {
  /** Spans, data points or log records that it did not take. */
  readonly rejected: number
  readonly message: string
}

const NOTHING: PartialSuccess = Object.freeze({ rejected: 0, message: '' })

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/**
 * Reads `partial_success` out of an answer: field 1 of `ExportTraceServiceResponse` and of the other signals' messages,
 * with the count in its field 1 and the message in its field 2. An answer that is not such a message says nothing.
 */
export function readPartialSuccess (answer: Uint8Array): PartialSuccess {
  try {
    let found = NOTHING
    for (const field of fieldsOf(answer)) {
      if (field.number !== 1 || field.bytes === undefined) continue
      let rejected = 0
      let message = ''
      for (const inner of fieldsOf(field.bytes)) {
        if (inner.number === 1 && inner.value !== undefined) rejected = inner.value
        if (inner.number === 2 && inner.bytes !== undefined) message = Buffer.from(inner.bytes).toString()
      }
      found = { rejected, message }
    }
    return found
  } catch {
    return NOTHING
  }
}

interface Field {
  readonly number: number
  readonly value?: number
  readonly bytes?: Uint8Array
}

/** @throws {RangeError} the bytes are no message */
function * fieldsOf (bytes: Uint8Array): Generator<Field> {
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
