import protobuf from 'protobufjs'

/** What of a request for traces is counted. Fields that are not named here are checked for their form and skipped. */
const root = protobuf.Root.fromJSON({
  nested: {
    Span: {
      fields: {
        spanId: { type: 'bytes', id: 2 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 }
      }
    },
    ScopeSpans: { fields: { spans: { rule: 'repeated', type: 'Span', id: 2 } } },
    ResourceSpans: { fields: { scopeSpans: { rule: 'repeated', type: 'ScopeSpans', id: 2 } } },
    TracesRequest: { fields: { resourceSpans: { rule: 'repeated', type: 'ResourceSpans', id: 1 } } }
  }
})
const TracesRequest = root.lookupType('TracesRequest')

export interface CountedSpan {
  /** In hexadecimal. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly start: number
  readonly end: number
}

interface Decoded {
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{
      readonly spans: ReadonlyArray<{ spanId: Uint8Array, startTimeUnixNano: protobuf.Long, endTimeUnixNano: protobuf.Long }>
    }>
  }>
}

/** The spans of an `ExportTraceServiceRequest`, in order. @throws when the bytes are no such message */
export function spansIn (body: Uint8Array): CountedSpan[] {
  const { resourceSpans } = TracesRequest.decode(body) as unknown as Decoded
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(span => ({
    id: Buffer.from(span.spanId).toString('hex'),
    start: milliseconds(span.startTimeUnixNano),
    end: milliseconds(span.endTimeUnixNano)
  }))))
}

function milliseconds (nanoseconds: protobuf.Long): number {
  return Number(nanoseconds) / 1e6
}
