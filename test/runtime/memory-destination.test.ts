import { SpanKind, SpanStatusCode, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import t, { type Test } from 'tap'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import type { LettaOtelOptions } from '../../lib/options.ts'
import type { MemoryDestination } from '../../lib/runtime/memory-destination.ts'

useEnvironment({})

type EngineName = 'fast' | 'sdk'

/** What is kept does not tell which engine recorded it. */
function testBoth (name: string, run: (t: Test, engine: EngineName) => Promise<void>): void {
  for (const engine of ['fast', 'sdk'] as const) void t.test(`${engine}: ${name}`, async t => { await run(t, engine) })
}

function start (options: LettaOtelOptions): Runtime & { memory: MemoryDestination } {
  const runtime = new Runtime(runtimeOptions({ destination: 'memory', instrumentations: false, ...options }), problem => { throw new Error(problem) })
  return runtime as Runtime & { memory: MemoryDestination }
}

testBoth('a finished span in plain values', async (t, engine) => {
  const runtime = start({ engine, serviceName: 'keeper' })
  const { memory } = runtime
  const tracer = runtime.tracerProvider.getTracer('scope')
  const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
  const linked = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 }
  const span = tracer.startSpan('name', {
    kind: SpanKind.CLIENT,
    startTime: [1_700_000_000, 5],
    attributes: { text: 'x', list: [1, 2] },
    links: [{ context: linked, attributes: { why: 'because' } }]
  }, trace.setSpanContext(ROOT_CONTEXT, parent))
  t.strictSame(memory.finishedSpans(), [], 'not before it ended')
  span.addEvent('event', { n: 1 }, [1_700_000_000, 7])
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' })
  span.end([1_700_000_001, 9])
  const [kept] = memory.finishedSpans()
  t.match(kept?.resource, { 'service.name': 'keeper' })
  t.strictSame({ ...kept, resource: undefined }, {
    name: 'name',
    kind: 'CLIENT',
    traceId: parent.traceId,
    spanId: span.spanContext().spanId,
    parentSpanId: parent.spanId,
    traceState: undefined,
    startTimeUnixNano: 1_700_000_000_000_000_005n,
    endTimeUnixNano: 1_700_000_001_000_000_009n,
    attributes: { text: 'x', list: [1, 2] },
    status: { code: 'ERROR', message: 'broken' },
    events: [{ name: 'event', timeUnixNano: 1_700_000_000_000_000_007n, attributes: { n: 1 } }],
    links: [{ traceId: linked.traceId, spanId: linked.spanId, attributes: { why: 'because' } }],
    scope: 'scope',
    resource: undefined
  })
  await runtime.shutdown(1_000)
})

testBoth('a time that was computed, or is none, keeps no span from ending', async (t, engine) => {
  const runtime = start({ engine })
  const tracer = runtime.tracerProvider.getTracer('scope')
  const span = tracer.startSpan('computed', { startTime: [1_700_000_000, 5.5] })
  span.addEvent('event', {}, [1_700_000_000, 7.25])
  span.end([1_700_000_001, 0.1 + 0.2])
  tracer.startSpan('none', { startTime: [NaN, NaN] }).addEvent('event', {}, NaN).end(Infinity)
  const [computed, none] = runtime.memory.finishedSpans()
  t.match(computed, { startTimeUnixNano: 1_700_000_000_000_000_005n, endTimeUnixNano: 1_700_000_001_000_000_000n, events: [{ timeUnixNano: 1_700_000_000_000_000_007n }] })
  t.equal(none?.name, 'none')
  await runtime.shutdown(1_000)
})

testBoth('metrics of each kind', async (t, engine) => {
  const runtime = start({ engine })
  const meter = runtime.meterProvider.getMeter('scope')
  meter.createCounter('counter', { unit: '1' }).add(2, { a: 'x' })
  meter.createHistogram('histogram', { unit: 'ms', advice: { explicitBucketBoundaries: [10, 20] } }).record(15)
  meter.createObservableGauge('gauge').addCallback(result => { result.observe(7) })
  meter.createUpDownCounter('level').add(-3)
  const metrics = await runtime.memory.metrics()
  t.strictSame(metrics, [
    { name: 'counter', unit: '1', type: 'sum', temporality: 'delta', scope: 'scope', points: [{ attributes: { a: 'x' }, value: 2 }] },
    { name: 'histogram', unit: 'ms', type: 'histogram', temporality: 'delta', scope: 'scope', points: [{ attributes: {}, count: 1, sum: 15, boundaries: [10, 20], bucketCounts: [0, 1, 0] }] },
    { name: 'gauge', unit: '', type: 'gauge', temporality: 'delta', scope: 'scope', points: [{ attributes: {}, value: 7 }] },
    { name: 'level', unit: '', type: 'sum', temporality: 'cumulative', scope: 'scope', points: [{ attributes: {}, value: -3 }] }
  ])
  await runtime.shutdown(1_000)
})

testBoth('delta: each call gives what came since; cumulative: all of it', async (t, engine) => {
  for (const [temporality, second] of [['delta', undefined], ['cumulative', 1]] as const) {
    const runtime = start({ engine, temporality })
    runtime.meterProvider.getMeter('scope').createCounter('counter').add(1)
    const value = async (): Promise<number | undefined> => (await runtime.memory.metrics())[0]?.points[0]?.value
    t.equal(await value(), 1)
    t.equal(await value(), second, temporality)
    await runtime.shutdown(1_000)
  }
})

testBoth('reset forgets spans and measurements', async (t, engine) => {
  const runtime = start({ engine })
  runtime.tracerProvider.getTracer('scope').startSpan('old').end()
  runtime.meterProvider.getMeter('scope').createCounter('counter').add(1)
  await runtime.memory.reset()
  t.strictSame(runtime.memory.finishedSpans(), [])
  t.strictSame((await runtime.memory.metrics()).flatMap(({ points }) => points), [])
  await runtime.shutdown(1_000)
})

testBoth('the newest 10,000 spans are kept', async (t, engine) => {
  const runtime = start({ engine })
  const tracer = runtime.tracerProvider.getTracer('scope')
  for (let n = 0; n < 10_003; n++) tracer.startSpan(`span ${n}`).end()
  const spans = runtime.memory.finishedSpans()
  t.strictSame([spans.length, spans[0]?.name, spans.at(-1)?.name], [10_000, 'span 3', 'span 10002'])
  spans.length = 0
  t.equal(runtime.memory.finishedSpans().length, 10_000, 'what is handed out is a copy')
  await runtime.shutdown(1_000)
})
