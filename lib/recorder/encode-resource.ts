import type { Attributes } from '@opentelemetry/api'
import { AttributeEncoder } from '../otlp/encode-attributes.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'

const RESOURCE_ATTRIBUTES = 0x0a

/** The `Resource` message of opentelemetry/proto/resource/v1, without a tag and a length of its own. */
export function encodeResource (attributes: Attributes): Uint8Array {
  const writer = new ProtobufWriter(1_024)
  const encoder = new AttributeEncoder()
  for (const key of Object.keys(attributes)) {
    if (attributes[key] !== undefined) encoder.write(writer, RESOURCE_ATTRIBUTES, key, attributes[key])
  }
  return writer.written
}
