import protobuf from 'protobufjs'

/** The messages of opentelemetry-proto 1.x that these tests read, by field number. */
const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'] } },
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
        arrayValue: { type: 'ArrayValue', id: 5 },
        kvlistValue: { type: 'KeyValueList', id: 6 },
        bytesValue: { type: 'bytes', id: 7 }
      }
    },
    ArrayValue: { fields: { values: { rule: 'repeated', type: 'AnyValue', id: 1 } } },
    KeyValueList: { fields: { values: { rule: 'repeated', type: 'KeyValue', id: 1 } } },
    KeyValue: { fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } } },
    InstrumentationScope: { fields: { name: { type: 'string', id: 1 }, version: { type: 'string', id: 2 } } },
    Resource: { fields: { attributes: { rule: 'repeated', type: 'KeyValue', id: 1 } } },
    Event: {
      fields: {
        timeUnixNano: { type: 'fixed64', id: 1 },
        name: { type: 'string', id: 2 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 3 },
        droppedAttributesCount: { type: 'uint32', id: 4 }
      }
    },
    Link: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        traceState: { type: 'string', id: 3 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 4 },
        droppedAttributesCount: { type: 'uint32', id: 5 },
        flags: { type: 'fixed32', id: 6 }
      }
    },
    Status: { fields: { message: { type: 'string', id: 2 }, code: { type: 'int32', id: 3 } } },
    Span: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        traceState: { type: 'string', id: 3 },
        parentSpanId: { type: 'bytes', id: 4 },
        name: { type: 'string', id: 5 },
        kind: { type: 'int32', id: 6 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 9 },
        droppedAttributesCount: { type: 'uint32', id: 10 },
        events: { rule: 'repeated', type: 'Event', id: 11 },
        droppedEventsCount: { type: 'uint32', id: 12 },
        links: { rule: 'repeated', type: 'Link', id: 13 },
        droppedLinksCount: { type: 'uint32', id: 14 },
        status: { type: 'Status', id: 15 },
        flags: { type: 'fixed32', id: 16 }
      }
    },
    ScopeSpans: {
      fields: {
        scope: { type: 'InstrumentationScope', id: 1 },
        spans: { rule: 'repeated', type: 'Span', id: 2 },
        schemaUrl: { type: 'string', id: 3 }
      }
    },
    ResourceSpans: {
      fields: { resource: { type: 'Resource', id: 1 }, scopeSpans: { rule: 'repeated', type: 'ScopeSpans', id: 2 } }
    },
    ExportTraceServiceRequest: { fields: { resourceSpans: { rule: 'repeated', type: 'ResourceSpans', id: 1 } } }
  }
})

/** A decoded span: ids in hexadecimal, 64-bit numbers as text, defaults filled in. */
export type DecodedSpan = Record<string, any>

function decode (type: string, bytes: Uint8Array): Record<string, any> {
  const message = root.lookupType(type)
  return message.toObject(message.decode(Buffer.from(bytes)), { longs: String, bytes: Buffer, defaults: true, arrays: true, oneofs: false })
}

/** The spans of a whole request, in order. */
export function spansOfRequest (request: Uint8Array): DecodedSpan[] {
  return decode('ExportTraceServiceRequest', request)['resourceSpans']
    .flatMap((resource: any) => resource.scopeSpans).flatMap((scope: any) => scope.spans).map(readable)
}

/** The scope and the spans of `ScopeSpans`. */
export function scopeSpans (bytes: Uint8Array): { scope: Record<string, unknown>, schemaUrl: string, spans: DecodedSpan[] } {
  const { scope, schemaUrl, spans } = decode('ScopeSpans', bytes)
  return { scope, schemaUrl, spans: spans.map(readable) }
}

function readable (span: DecodedSpan): DecodedSpan {
  const { traceId, spanId, parentSpanId, links, ...rest } = span
  return {
    ...rest,
    traceId: traceId.toString('hex'),
    spanId: spanId.toString('hex'),
    parentSpanId: parentSpanId.toString('hex'),
    links: links.map((link: any) => ({ ...link, traceId: link.traceId.toString('hex'), spanId: link.spanId.toString('hex') })),
    // An unset status may be written as one or not at all.
    status: span['status'] ?? { message: '', code: 0 }
  }
}
