import protobuf from 'protobufjs'
import { OTLP_MESSAGES } from '../../lib/export/otlp-messages.ts'

/** What an endpoint answers, which lib/ reads without a schema. */
const ANSWERS = {
  PartialSuccess: { fields: { rejected: { type: 'int64', id: 1 }, errorMessage: { type: 'string', id: 2 } } },
  Response: { fields: { partialSuccess: { type: 'PartialSuccess', id: 1 } } }
}

const root = protobuf.Root.fromJSON({ nested: { ...OTLP_MESSAGES, ...ANSWERS } })

/** Messages by the names that tests give them. */
const NAMES = {
  Resource: 'Resource',
  ScopeSpans: 'ScopeSpans',
  TracesRequest: 'ExportTraceServiceRequest',
  MetricsRequest: 'ExportMetricsServiceRequest',
  ScopeLogs: 'ScopeLogs',
  LogsRequest: 'ExportLogsServiceRequest',
  Response: 'Response',
  AnyValue: 'AnyValue'
}

export type MessageName = keyof typeof NAMES

const PLAIN = { longs: String, bytes: String }

export function encode (name: MessageName, value: Record<string, unknown>): Uint8Array {
  const type = root.lookupType(NAMES[name])
  return Uint8Array.from(type.encode(type.fromObject(value)).finish())
}

/** Plain objects: 64-bit numbers as decimal strings, bytes as base64. Throws on bytes that are no such message. */
export function decode (name: MessageName, bytes: Uint8Array, options: protobuf.IConversionOptions = PLAIN): any {
  const type = root.lookupType(NAMES[name])
  return type.toObject(type.decode(bytes), options)
}

/** The value of an `AnyValue` as JSON would have it. */
export function plainValue (value: any): unknown {
  if (value === undefined) return undefined
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue)
  if (value.kvlistValue !== undefined) return plainAttributes(value.kvlistValue.values ?? [])
  if (value.intValue !== undefined) return Number(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null
}

export function plainAttributes (attributes: any[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}
