import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { FastSpan } from '../recorder/fast-span.ts'
import { traceStateText } from '../recorder/trace-state-text.ts'
import { unixNano, type FinishedSpan } from './memory-destination.ts'

/** A span of the fast engine, in plain values. */
export function finishedFastSpan (span: FastSpan, scope: string, resource: Resource): FinishedSpan {
  const { ids, parent, traceState, status, events, links } = span
  return {
    name: span.name,
    kind: SpanKind[span.kind] as keyof typeof SpanKind,
    traceId: ids.traceId,
    spanId: ids.spanId,
    parentSpanId: parent?.ids.spanId,
    traceState: traceState === undefined ? undefined : traceStateText(traceState),
    startTimeUnixNano: unixNano(span.startTime),
    endTimeUnixNano: unixNano(span.endTime),
    attributes: span.attributes.toObject(),
    status: { code: SpanStatusCode[status.code] as keyof typeof SpanStatusCode, message: status.message },
    events: events.map(({ name, time, attributes }) => ({ name, timeUnixNano: unixNano(time), attributes: { ...attributes } })),
    links: links.map(({ context, attributes }) => ({ traceId: context.traceId, spanId: context.spanId, attributes: { ...attributes } })),
    scope,
    resource: resource.attributes
  }
}
