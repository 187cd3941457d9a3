/**
 * Counts what is in OTLP requests without decoding them: it walks the fields of the protobuf messages and steps over what
 * it does not count. Decoding the millions of spans of a run would take longer than the run.
 */

export interface Counted {
  spans: number
  /** Spans without a parent: one for each request. */
  roots: number
}

const RESOURCE_SPANS = 1
const SCOPE_SPANS = 2
const SPANS = 2
const PARENT_SPAN_ID = 4

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** Spans of an `ExportTraceServiceRequest`. */
export function countSpans (request: Uint8Array): Counted {
  const counted: Counted = { spans: 0, roots: 0 }
  each(request, 0, request.length, RESOURCE_SPANS, (start, end) => {
    each(request, start, end, SCOPE_SPANS, (start, end) => {
      each(request, start, end, SPANS, (start, end) => {
        counted.spans++
        let hasParent = false
        each(request, start, end, PARENT_SPAN_ID, (start, end) => { hasParent ||= end > start })
        if (!hasParent) counted.roots++
      })
    })
  })
  return counted
}

/** Log records of an `ExportLogsServiceRequest`, which is built as one of spans. */
export function countLogRecords (request: Uint8Array): number {
  return countSpans(request).spans
}

/** Spans of an OTLP request in JSON. */
export function countJsonSpans (request: any): Counted {
  const spans: Array<{ parentSpanId?: string }> = request.resourceSpans.flatMap((resource: any) =>
    resource.scopeSpans.flatMap((scope: any) => scope.spans))
  return { spans: spans.length, roots: spans.filter(({ parentSpanId = '' }) => parentSpanId === '').length }
}

/** Calls `visit` with the bounds of every field of the number that a message from `start` to `end` has. */
function each (bytes: Uint8Array, start: number, end: number, number: number, visit: (start: number, end: number) => void): void {
  let position = start
  const varint = (): number => {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = bytes[position++]
      if (byte === undefined) throw new RangeError('the message is cut off')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  while (position < end) {
    const tag = varint()
    switch (tag & 7) {
      case VARINT: varint(); break
      case FIXED64: position += 8; break
      case FIXED32: position += 4; break
      case LENGTH_DELIMITED: {
        const length = varint()
        if (tag >>> 3 === number) visit(position, position + length)
        position += length
        break
      }
      default: throw new RangeError(`wire type ${tag & 7} is none of protobuf's`)
    }
  }
  if (position !== end) throw new RangeError('a field ends beyond its message')
}
