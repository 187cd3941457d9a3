import type { MessageWriter } from './message-writer.ts'

// Tags of opentelemetry/proto/common/v1: field number × 8 + wire type.
const KEY_VALUE_KEY = 0x0a
const KEY_VALUE_VALUE = 0x12
const STRING_VALUE = 0x0a
const BOOL_VALUE = 0x10
const INT_VALUE = 0x18
const DOUBLE_VALUE = 0x21
const ARRAY_VALUE = 0x2a
const KVLIST_VALUE = 0x32
const LIST_ITEM = 0x0a

/** Readers of protobuf stop at 100 messages in each other, of which a level takes up to three. */
const DEPTH_MAX = 24

/** Writes a value of JSON as the content of an `AnyValue`. */
export function writeAnyValue (writer: MessageWriter, value: unknown, depth = 0): void {
  switch (typeof value) {
    case 'string': writer.text(STRING_VALUE, value); break
    case 'boolean': writer.varint(BOOL_VALUE).varint(value ? 1 : 0); break
    case 'number':
      if (Number.isSafeInteger(value)) writer.varint(INT_VALUE).varint(value)
      else writer.varint(DOUBLE_VALUE).double(value)
      break
    // Null is a value that is not set.
    case 'object': if (value !== null) writeStructure(writer, value, depth)
  }
}

/** Writes a `KeyValue` under `tag`. */
export function writeKeyValue (writer: MessageWriter, tag: number, key: string, value: unknown, depth = 0): void {
  writer.message(tag, () => {
    writer.text(KEY_VALUE_KEY, key).message(KEY_VALUE_VALUE, () => { writeAnyValue(writer, value, depth) })
  })
}

function writeStructure (writer: MessageWriter, value: object, depth: number): void {
  if (depth >= DEPTH_MAX) writer.text(STRING_VALUE, '[nested too deeply]')
  else if (Array.isArray(value)) {
    writer.message(ARRAY_VALUE, () => {
      for (const item of value) writer.message(LIST_ITEM, () => { writeAnyValue(writer, item, depth + 1) })
    })
  } else {
    writer.message(KVLIST_VALUE, () => {
      for (const [key, item] of Object.entries(value)) writeKeyValue(writer, LIST_ITEM, key, item, depth + 1)
    })
  }
}
