import { TraceFlags, type AttributeValue } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { KEPT, type Keepable } from '../vocabulary/sampling.ts'

/** Lets processors see spans that were sampled, and those that are kept although they were not, as if they were. */
export function withKeptSpans (processors: readonly SpanProcessor[]): SpanProcessor {
  return {
    onStart (span, parentContext) {
      for (const processor of processors) processor.onStart(span, parentContext)
    },
    onEnding (span) {
      const missing = (span as Keepable)[KEPT]
      if (missing === undefined) return
      for (const name of Object.keys(missing)) {
        if (!Object.hasOwn(span.attributes, name)) span.setAttribute(name, missing[name] as AttributeValue)
      }
    },
    onEnd (span) {
      const exported = isSampled(span) ? span : (span as Keepable)[KEPT] === undefined ? undefined : asSampled(span)
      if (exported !== undefined) for (const processor of processors) processor.onEnd(exported)
    },
    async forceFlush () { await Promise.all(processors.map(async processor => { await processor.forceFlush() })) },
    async shutdown () { await Promise.all(processors.map(async processor => { await processor.shutdown() })) }
  }
}

function isSampled (span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
}

/** Exporters take sampled spans alone (specification), and some receivers too. */
function asSampled (span: ReadableSpan): ReadableSpan {
  const spanContext = span.spanContext()
  const sampled = { ...spanContext, traceFlags: spanContext.traceFlags | TraceFlags.SAMPLED }
  return Object.create(span, { spanContext: { value: () => sampled } }) as ReadableSpan
}
