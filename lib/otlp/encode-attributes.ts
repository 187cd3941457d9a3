import { ProtobufWriter } from './protobuf-writer.ts'

// Tags of opentelemetry/proto/common/v1: field number × 8 + wire type.
const KEY_VALUE_KEY = 0x0a
const KEY_VALUE_VALUE = 0x12
const STRING_VALUE = 0x0a
const BOOL_VALUE = 0x10
const INT_VALUE = 0x18
const DOUBLE_VALUE = 0x21
const ARRAY_VALUE = 0x2a
const KVLIST_VALUE = 0x32
const BYTES_VALUE = 0x3a
const LIST_ITEM = 0x0a

/** 64-bit integers on the wire; beyond them a whole number is a double. */
const INT64_MIN = -(2 ** 63)
const INT64_LIMIT = 2 ** 63

/** Readers of protobuf stop at 100 messages in each other; a level takes up to three, what stands around an attribute seven. */
const DEPTH_MAX = 24
const TOO_DEEP = '[nested too deeply]'

/** A message whose parts are shorter than this has lengths of one byte each. */
const SHORT_MAX = 127

/** Keys of attributes come from code, not from clients, yet code can build them: what is kept has a bound, in number and length. */
const KEYS_MAX = 2_000
const KEPT_KEY_LENGTH_MAX = 64

/** Writes attributes; keeps the bytes of short keys it has seen. */
export class AttributeEncoder {
  readonly #keys = new Map<string, Uint8Array>()

  /** One `KeyValue` under `tag`. What is nested too deeply for readers of protobuf becomes a text that says so. */
  write (writer: ProtobufWriter, tag: number, key: string, value: unknown, depth = 0): void {
    // A map may be what a client sent: its keys are not kept.
    const keyBytes = depth === 0 && key.length <= KEPT_KEY_LENGTH_MAX ? this.#keptBytesOfKey(key) : undefined
    if (keyBytes !== undefined && typeof value === 'string' && keyBytes.length + value.length * 3 + 6 <= SHORT_MAX) {
      writeShortText(writer, tag, keyBytes, value)
      return
    }
    writer.reserve(1)
    writer.byte(tag)
    const start = writer.begin()
    if (keyBytes === undefined) writeKey(writer, key)
    else writer.raw(keyBytes)
    // As writeValue() does: this is where every attribute of a span goes through, and calls count here.
    writer.reserve(1)
    writer.byte(KEY_VALUE_VALUE)
    const valueStart = writer.begin()
    this.#writeContent(writer, value, depth)
    writer.finish(valueStart)
    writer.finish(start)
  }

  /** One `AnyValue` under `tag`. */
  writeValue (writer: ProtobufWriter, tag: number, value: unknown, depth = 0): void {
    writer.reserve(1)
    writer.byte(tag)
    const start = writer.begin()
    this.#writeContent(writer, value, depth)
    writer.finish(start)
  }

  #writeContent (writer: ProtobufWriter, value: unknown, depth: number): void {
    writer.reserve(2)
    if (typeof value === 'string') {
      writer.byte(STRING_VALUE)
      writer.string(value)
    } else if (typeof value === 'number') {
      if (Number.isInteger(value) && value >= INT64_MIN && value < INT64_LIMIT) {
        writer.byte(INT_VALUE)
        writer.varint(value)
      } else {
        writer.byte(DOUBLE_VALUE)
        writer.double(value)
      }
    } else if (typeof value === 'boolean') {
      writer.byte(BOOL_VALUE)
      writer.byte(value ? 1 : 0)
    } else if (value instanceof Uint8Array) {
      writer.byte(BYTES_VALUE)
      writer.lengthDelimited(value)
    } else if (typeof value === 'object' && value !== null) this.#writeStructure(writer, value, depth)
  }

  #writeStructure (writer: ProtobufWriter, value: object, depth: number): void {
    if (depth >= DEPTH_MAX) this.#writeContent(writer, TOO_DEEP, depth)
    else if (Array.isArray(value)) this.#writeArray(writer, value, depth)
    else this.#writeMap(writer, value as Record<string, unknown>, depth)
  }

  #writeArray (writer: ProtobufWriter, items: unknown[], depth: number): void {
    writer.byte(ARRAY_VALUE)
    const start = writer.begin()
    for (const item of items) this.writeValue(writer, LIST_ITEM, item, depth + 1)
    writer.finish(start)
  }

  #writeMap (writer: ProtobufWriter, map: Record<string, unknown>, depth: number): void {
    writer.byte(KVLIST_VALUE)
    const start = writer.begin()
    for (const key of Object.keys(map)) this.write(writer, LIST_ITEM, key, map[key], depth + 1)
    writer.finish(start)
  }

  #keptBytesOfKey (key: string): Uint8Array {
    let bytes = this.#keys.get(key)
    if (bytes === undefined) {
      const writer = new ProtobufWriter(KEPT_KEY_LENGTH_MAX)
      writeKey(writer, key)
      bytes = new Uint8Array(writer.written)
      if (this.#keys.size < KEYS_MAX) this.#keys.set(key, bytes)
    }
    return bytes
  }
}

/** Most attributes are short texts: their three lengths are one byte each, and known once the text is written. */
function writeShortText (writer: ProtobufWriter, tag: number, keyBytes: Uint8Array, value: string): void {
  writer.reserve(SHORT_MAX + 2)
  const { bytes } = writer
  const start = writer.at
  let at = start + 2
  for (let index = 0; index < keyBytes.length; index++) bytes[at++] = keyBytes[index] as number
  writer.at = at + 4
  writer.text(value)
  const length = writer.at - at - 4
  bytes[start] = tag
  bytes[start + 1] = writer.at - start - 2
  bytes[at] = KEY_VALUE_VALUE
  bytes[at + 1] = length + 2
  bytes[at + 2] = STRING_VALUE
  bytes[at + 3] = length
}

function writeKey (writer: ProtobufWriter, key: string): void {
  writer.reserve(1)
  writer.byte(KEY_VALUE_KEY)
  writer.string(key)
}
