import protobuf from 'protobufjs'

/** A message by its fields: name → type and number, `repeated` and `oneof` groups marked. */
type Fields = Record<string, readonly [type: string, id: number, rule?: 'repeated']>

function message (fields: Fields, oneofs: Record<string, string[]> = {}): protobuf.IType {
  return {
    fields: Object.fromEntries(Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...rule && { rule } }])),
    oneofs: Object.fromEntries(Object.entries(oneofs).map(([name, oneof]) => [name, { oneof }]))
  }
}

/** From the field numbers of opentelemetry-proto 1.x, independent of what lib/ writes. */
const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: message({
      stringValue: ['string', 1],
      boolValue: ['bool', 2],
      intValue: ['int64', 3],
      doubleValue: ['double', 4],
      arrayValue: ['ArrayValue', 5],
      kvlistValue: ['KeyValueList', 6],
      bytesValue: ['bytes', 7]
    }, { value: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'] }),
    ArrayValue: message({ values: ['AnyValue', 1, 'repeated'] }),
    KeyValueList: message({ values: ['KeyValue', 1, 'repeated'] }),
    KeyValue: message({ key: ['string', 1], value: ['AnyValue', 2] }),
    InstrumentationScope: message({ name: ['string', 1], version: ['string', 2], attributes: ['KeyValue', 3, 'repeated'] }),
    Resource: message({ attributes: ['KeyValue', 1, 'repeated'] }),
    Span: message({ traceId: ['bytes', 1], spanId: ['bytes', 2], name: ['string', 5] }),
    ScopeSpans: message({ scope: ['InstrumentationScope', 1], spans: ['Span', 2, 'repeated'], schemaUrl: ['string', 3] }),
    ResourceSpans: message({ resource: ['Resource', 1], scopeSpans: ['ScopeSpans', 2, 'repeated'] }),
    TracesRequest: message({ resourceSpans: ['ResourceSpans', 1, 'repeated'] }),
    LogRecord: message({
      timeUnixNano: ['fixed64', 1],
      severityNumber: ['int32', 2],
      severityText: ['string', 3],
      body: ['AnyValue', 5],
      attributes: ['KeyValue', 6, 'repeated'],
      flags: ['fixed32', 8],
      traceId: ['bytes', 9],
      spanId: ['bytes', 10],
      observedTimeUnixNano: ['fixed64', 11]
    }),
    ScopeLogs: message({ scope: ['InstrumentationScope', 1], logRecords: ['LogRecord', 2, 'repeated'], schemaUrl: ['string', 3] }),
    ResourceLogs: message({ resource: ['Resource', 1], scopeLogs: ['ScopeLogs', 2, 'repeated'] }),
    LogsRequest: message({ resourceLogs: ['ResourceLogs', 1, 'repeated'] }),
    PartialSuccess: message({ rejected: ['int64', 1], errorMessage: ['string', 2] }),
    Response: message({ partialSuccess: ['PartialSuccess', 1] })
  }
})

export type MessageName = 'Resource' | 'ScopeSpans' | 'TracesRequest' | 'ScopeLogs' | 'LogsRequest' | 'Response' | 'AnyValue'

const PLAIN = { longs: String, bytes: String }

export function encode (name: MessageName, value: Record<string, unknown>): Uint8Array {
  const type = root.lookupType(name)
  return Uint8Array.from(type.encode(type.fromObject(value)).finish())
}

/** Plain objects: 64-bit numbers as decimal strings, bytes as base64. Throws on bytes that are no such message. */
export function decode (name: MessageName, bytes: Uint8Array): any {
  const type = root.lookupType(name)
  return type.toObject(type.decode(bytes), PLAIN)
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
