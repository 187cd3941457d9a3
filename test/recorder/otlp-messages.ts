import { decode, type MessageName } from '../export/otlp-messages.ts'

/** A decoded span: ids in hexadecimal, 64-bit numbers as text, defaults filled in. */
export type DecodedSpan = Record<string, any>

function decodeAll (name: MessageName, bytes: Uint8Array): Record<string, any> {
  return decode(name, Buffer.from(bytes), { longs: String, bytes: Buffer, defaults: true, arrays: true, oneofs: false })
}

/** The spans of a whole request, in order. */
export function spansOfRequest (request: Uint8Array): DecodedSpan[] {
  return decodeAll('TracesRequest', request)['resourceSpans']
    .flatMap((resource: any) => resource.scopeSpans).flatMap((scope: any) => scope.spans).map(readable)
}

/** The scope's name and version, and the spans, of `ScopeSpans`. */
export function scopeSpans (bytes: Uint8Array): { scope: Record<string, unknown>, schemaUrl: string, spans: DecodedSpan[] } {
  const { scope: { name, version }, schemaUrl, spans } = decodeAll('ScopeSpans', bytes)
  return { scope: { name, version }, schemaUrl, spans: spans.map(readable) }
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
