import { ROOT_CONTEXT, SpanStatusCode, TraceFlags, createTraceState, trace, type Span } from '@opentelemetry/api'
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'

const REMOTE = {
  traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.NONE, isRemote: true, traceState: createTraceState('vendor=1')
}

for (const sampler of [undefined, new ParentBasedSampler({ root: new AlwaysOffSampler() })]) {
  t.test(`a trace that is not sampled is carried on, ${sampler === undefined ? 'without' : 'with'} a sampler`, async t => {
    const taken: unknown[] = []
    const provider = new FastTracerProvider({
      sampler,
      head: { ratio: 0, followsParent: true, routesDecide: true },
      limits: DEFAULT_SPAN_LIMITS,
      maxAgeMs: 10_000,
      sink: { take (chunk) { taken.push(chunk) } }
    })
    const tracer = provider.getTracer('scope')
    const below = (span: Span): Span => tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, span))
    const span = tracer.startSpan('parent', {}, trace.setSpanContext(ROOT_CONTEXT, REMOTE))
    const child = below(span)
    for (const { traceId, traceFlags, traceState, spanId } of [span.spanContext(), child.spanContext()]) {
      t.equal(traceId, REMOTE.traceId)
      t.equal(traceFlags, TraceFlags.NONE)
      t.equal(traceState?.serialize(), 'vendor=1')
      t.match(spanId, /^(?!0{16})[0-9a-f]{16}$/)
    }
    t.not(child.spanContext().spanId, span.spanContext().spanId)
    t.equal(span.spanContext(), span.spanContext())
    const root = tracer.startSpan('root', {}, ROOT_CONTEXT)
    t.strictSame(Object.keys(root.spanContext()).sort(), ['spanId', 'traceFlags', 'traceId'])
    t.equal(below(root).spanContext().traceId, root.spanContext().traceId)
    t.equal(root.isRecording(), false)
    const link = { context: REMOTE }
    t.equal(root.setAttribute('a', 1).setAttributes({ b: 2 }).addEvent('c').addLink(link).addLinks([link]).setStatus({ code: SpanStatusCode.ERROR }).updateName('d'), root)
    root.recordException(new Error('no'))
    for (const one of [root, child, span]) one.end()
    provider.handOver()
    t.strictSame(taken, [])
  })
}
