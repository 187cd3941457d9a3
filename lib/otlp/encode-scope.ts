import { AttributeEncoder } from './encode-attributes.ts'
import { ProtobufWriter } from './protobuf-writer.ts'
import { beginMessage, writeNumber, writeText } from './write-fields.ts'

// Tags of opentelemetry/proto/common/v1 and of the messages around a scope, which agree for all signals: field number × 8 + wire type.
const SIGNAL_SCOPE = 0x0a
const SIGNAL_SCHEMA_URL = 0x1a
const SCOPE_NAME = 0x0a
const SCOPE_VERSION = 0x12
const SCOPE_ATTRIBUTES = 0x1a
const SCOPE_DROPPED_ATTRIBUTES = 0x20

/** An instrumentation scope. The API shows no attributes of it, and the SDK's serializer writes them. */
export interface Scope {
  readonly name: string
  readonly version?: string | undefined
  readonly schemaUrl?: string | undefined
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly droppedAttributesCount?: number
}

/** What `ScopeSpans`, `ScopeMetrics` and `ScopeLogs` say beside their items. */
export function encodeScope ({ name, version, schemaUrl, attributes = {}, droppedAttributesCount = 0 }: Scope): Uint8Array {
  const writer = new ProtobufWriter(64)
  const encoder = new AttributeEncoder()
  const start = beginMessage(writer, SIGNAL_SCOPE)
  writeText(writer, SCOPE_NAME, name)
  writeText(writer, SCOPE_VERSION, version)
  for (const key of Object.keys(attributes)) encoder.write(writer, SCOPE_ATTRIBUTES, key, attributes[key])
  writeNumber(writer, SCOPE_DROPPED_ATTRIBUTES, droppedAttributesCount)
  writer.finish(start)
  writeText(writer, SIGNAL_SCHEMA_URL, schemaUrl)
  return writer.written
}
