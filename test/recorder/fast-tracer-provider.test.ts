import { ROOT_CONTEXT, SpanKind, TraceFlags, context, createTraceState, diag, trace, type Attributes, type Context, type HrTime, type Span } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { suppressTracing } from '@opentelemetry/core'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { FastSpan } from '../../lib/recorder/fast-span.ts'
import { FastTracerProvider, type SpanChunk } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'
import { scopeSpans, type DecodedSpan } from './otlp-messages.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

interface Recorded {
  readonly provider: FastTracerProvider
  readonly chunks: SpanChunk[]
  spans (): DecodedSpan[]
}

function recorded (sampler?: Sampler, maxAgeMs = 60_000): Recorded {
  const chunks: SpanChunk[] = []
  const provider = new FastTracerProvider({ sampler, limits: DEFAULT_SPAN_LIMITS, maxAgeMs, sink: { take (chunk) { chunks.push(chunk) } } })
  return {
    provider,
    chunks,
    spans () {
      provider.handOver()
      return chunks.flatMap(({ scope, spans }) => scopeSpans(Buffer.concat([scope, spans])).spans)
    }
  }
}

t.test('scopes have chunks of their own, and their names and versions', async t => {
  const { provider, chunks } = recorded()
  provider.getTracer('a', '1', { schemaUrl: 'https://example.com' }).startSpan('one').end()
  provider.getTracer('b').startSpan('two').end()
  t.equal(provider.getTracer('b'), provider.getTracer('b'))
  t.equal(chunks.length, 0, 'they wait for others')
  provider.handOver()
  provider.handOver()
  t.strictSame(chunks.map(({ scope, spans, count }) => ({ ...scopeSpans(Buffer.concat([scope, spans])), count })).map(({ scope, schemaUrl, spans, count }) => [scope, schemaUrl, spans[0]?.['name'], count]), [
    [{ name: 'a', version: '1' }, 'https://example.com', 'one', 1],
    [{ name: 'b', version: '' }, '', 'two', 1]
  ])
})

t.test('a span is not lost for what code without types gives it', async t => {
  const { provider, spans } = recorded()
  const tracer: any = provider.getTracer('a')
  tracer.startSpan('link', { links: [{}, { context: undefined }, undefined] }).end()
  const renamed = tracer.startSpan('renamed')
  renamed.updateName(undefined)
  renamed.end()
  tracer.startSpan(404).end()
  tracer.startSpan('kind', { kind: 'SERVER' }).end()
  tracer.startSpan('NaN', { startTime: NaN }).end(NaN)
  tracer.startSpan('date', { startTime: new Date(NaN) }).end()
  tracer.startSpan('pair', { startTime: [1.5, 0] }).end()
  const event = tracer.startSpan('event')
  event.addEvent(undefined, NaN)
  event.end()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  for (const traceState of [{}, { serialize: () => 7 }, { serialize () { throw new Error('no state') } }, null] as any[]) {
    const spanContext = { traceId, spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED, traceState }
    tracer.startSpan('state', { links: [{ context: spanContext }] }, trace.setSpanContext(ROOT_CONTEXT, spanContext)).end()
  }
  tracer.startSpan(Object.create(null)).end()
  const untyped: any = provider
  untyped.getTracer('b', null, null).startSpan('nothing').end()
  untyped.getTracer().startSpan('nobody').end()
  t.strictSame(spans().map(span => span['name']), ['link', '', '404', 'kind', 'NaN', 'date', 'pair', 'event', 'state', 'state', 'state', 'state', '', 'nothing', 'nobody'])
  t.equal(provider.counts.invalid, 0)
})

t.test('it is flushed and stopped as the SDK\'s provider is', async t => {
  const calls: string[] = []
  const call = (name: string) => async () => { calls.push(name) }
  const provider = new FastTracerProvider({
    sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 60_000, sink: { take () { calls.push('take') } }, forceFlush: call('forceFlush'), shutdown: call('shutdown')
  })
  provider.getTracer('a').startSpan('one').end()
  await provider.forceFlush()
  await provider.shutdown()
  t.strictSame(calls, ['take', 'forceFlush', 'shutdown'])
})

t.test('a chunk leaves when it is full, and when it is old', async t => {
  const full = recorded()
  const tracer = full.provider.getTracer('a')
  for (let span = 0; span < 3_000; span++) tracer.startSpan('span', { attributes: { text: 'x'.repeat(200) } }).end()
  t.ok(full.chunks.length >= 3)
  for (const { spans } of full.chunks) t.ok(spans.length >= 256 * 1024 && spans.length < 257 * 1024)
  t.equal(full.spans().length, 3_000)

  const old = recorded(undefined, 5)
  old.provider.getTracer('a').startSpan('span').end()
  const deadline = performance.now() + 5_000
  while (old.chunks.length === 0 && performance.now() < deadline) await delay(1)
  t.equal(old.chunks.length, 1)
})

t.test('active spans, roots and parents', async t => {
  const { provider, spans } = recorded()
  const tracer = provider.getTracer('a')
  const result = tracer.startActiveSpan('outer', outer => {
    t.equal(trace.getActiveSpan(), outer)
    tracer.startActiveSpan('inner', { kind: SpanKind.CLIENT }, inner => { inner.end() })
    tracer.startActiveSpan('elsewhere', {}, ROOT_CONTEXT, elsewhere => { elsewhere.end() })
    tracer.startSpan('root', { root: true }).end()
    outer.end()
    return 'result'
  })
  t.equal(result, 'result')
  const [inner, elsewhere, root, outer] = spans()
  t.equal(inner?.['parentSpanId'], outer?.['spanId'])
  t.equal(inner?.['traceId'], outer?.['traceId'])
  for (const other of [elsewhere, root]) {
    t.equal(other?.['parentSpanId'], '')
    t.not(other?.['traceId'], outer?.['traceId'])
  }
  t.equal(inner?.['flags'], 0x101)
})

t.test('suppressed, unsampled and invalid parents', async t => {
  const { provider, spans } = recorded()
  const tracer = provider.getTracer('a')
  t.notOk(tracer.startSpan('suppressed', {}, suppressTracing(ROOT_CONTEXT)).isRecording())
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const unsampled = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.NONE, traceState: createTraceState('a=b') })
  const span = tracer.startSpan('unsampled', {}, unsampled)
  t.notOk(span.isRecording())
  t.match(span.spanContext(), { traceId, traceFlags: 0 })
  t.equal(span.spanContext().traceState?.serialize(), 'a=b')
  span.end()
  tracer.startSpan('new', {}, trace.setSpanContext(ROOT_CONTEXT, { traceId: '0'.repeat(32), spanId: 'x', traceFlags: 1 })).end()
  t.strictSame(spans().map(found => found['name']), ['new'])
})

t.test('a sampler is asked as the SDK asks it, and what it says stands', async t => {
  const asked: unknown[][] = []
  const decisions: SamplingDecision[] = [SamplingDecision.RECORD_AND_SAMPLED, SamplingDecision.RECORD, SamplingDecision.NOT_RECORD]
  const sampler: Sampler = {
    shouldSample (parent, traceId, name, kind, attributes, links) {
      asked.push([trace.getSpan(parent) === undefined, traceId.length, name, kind, attributes, links])
      return { decision: decisions[asked.length - 1] as SamplingDecision, attributes: { sampled: 'yes' }, traceState: createTraceState('s=1') }
    }
  }
  const { provider, spans } = recorded(sampler)
  const tracer = provider.getTracer('a')
  const started: Span[] = ['kept', 'recorded', 'dropped'].map(name => tracer.startSpan(name, { attributes: { a: 1, bad: Symbol('x') as never }, root: true }))
  t.strictSame(asked[0], [true, 32, 'kept', SpanKind.INTERNAL, { a: 1 }, []])
  t.strictSame(started.map(span => span.isRecording()), [true, true, false])
  for (const span of started) span.end()
  const [kept, ...others] = spans()
  t.equal(others.length, 0)
  t.equal(kept?.['traceState'], 's=1')
  t.strictSame(kept?.['attributes'].map((attribute: { key: string }) => attribute.key), ['a', 'sampled'])
})

t.test('a span that cannot be encoded leaves no trace of itself', async t => {
  const { provider, spans } = recorded()
  const tracer = provider.getTracer('a')
  tracer.startSpan('before').end()
  const told: unknown[] = []
  diag.setLogger({ error: (...values) => { told.push(values) }, warn () {}, info () {}, debug () {}, verbose () {} })
  const unreadable = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', get traceFlags (): number { throw new Error('no flags') } }
  tracer.startSpan('bad').addLink({ context: unreadable }).end()
  diag.disable()
  t.equal(told.length, 1)
  tracer.startSpan('after').end()
  t.strictSame(spans().map(span => span['name']), ['before', 'after'])
})

t.test('a span in no other context than the active one, and none that begins before its parent', async t => {
  const spans: FastSpan[] = []
  const tracer = new FastTracerProvider({ sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 1_000, onEnd: span => { spans.push(span) } }).getTracer('t')
  t.equal(tracer.startActiveSpan('named', { kind: SpanKind.CLIENT }, undefined as unknown as Context, span => {
    span.end()
    return 'result'
  }), 'result')
  t.match(spans[0], { name: 'named', kind: SpanKind.CLIENT })
  const ahead: HrTime = [Math.floor(Date.now() / 1_000) + 60, 5]
  const parent = tracer.startSpan('parent', { startTime: ahead })
  tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent)).end()
  t.strictSame(spans[1]?.startTime, ahead)
})

t.test('a span that was encoded keeps its ids alone', async t => {
  const { provider, spans } = recorded()
  const span = provider.getTracer('a').startSpan('one', { attributes: { size: 1 } }) as FastSpan
  const { traceId, spanId } = span.spanContext()
  span.addEvent('event').addLink({ context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED } }).end()
  span.setAttribute('late', true).addEvent('late')
  t.strictSame([span.attributes.toObject(), span.events, span.links], [{}, [], []])
  t.strictSame(span.spanContext(), { traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  t.match(spans(), [{ name: 'one', attributes: { length: 1 }, events: { length: 1 }, links: { length: 1 } }])
})

t.test('what is illegal spoils neither its span nor those beside it', async t => {
  const { provider, spans } = recorded()
  const tracer = provider.getTracer('a')
  for (const code of [500, -1, 3, 128]) tracer.startSpan('status').setStatus({ code }).end()
  for (const kind of [127, -2, 5]) tracer.startSpan('kind', { kind }).end()
  const span = tracer.startSpan('attributes')
  for (const nothing of [undefined, null]) span.setAttributes(nothing as unknown as Attributes)
  for (const key of [1, Symbol('key'), undefined, {}]) span.setAttribute(key as string, 'value')
  span.setAttribute('kept', 'value').end()
  t.strictSame(spans().map(({ name, kind, status, attributes }) => [name, kind, (status as { code?: number } | null)?.code ?? 0, (attributes as unknown[]).length]), [
    ...Array.from({ length: 4 }, () => ['status', 1, 0, 0]), ...Array.from({ length: 3 }, () => ['kind', 1, 0, 0]), ['attributes', 1, 0, 1]
  ])
})
