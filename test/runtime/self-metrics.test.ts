import { SpanKind, TraceFlags, trace, ROOT_CONTEXT } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { SamplingDecision } from '@opentelemetry/sdk-trace'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { DropReason } from '../../lib/export/carrier-stats.ts'
import type { CarrierOptions } from '../../lib/export/carrier.ts'
import { WorkerCarrier } from '../../lib/export/worker-carrier.ts'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'
import { FastEngine } from '../../lib/runtime/fast-engine.ts'
import { observeSelf } from '../../lib/runtime/self-metrics.ts'
import { carrierStats, mainThreadStats, type EngineStats } from '../../lib/runtime/telemetry-stats.ts'
import { encode } from '../export/otlp-messages.ts'
import { names, RESOURCE, spans } from '../export/parcels.ts'
import { accept, answer, hang, Receiver, type Behaviour } from '../export/receiver.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { libUrl } from '../fixtures/node-process.ts'
import { runtimeOptions } from '../fixtures/options.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { sumsOfRequest, type SumPoint } from './metric-messages.ts'

useEnvironment({})

/** Takes `rejected` less than it was sent. */
const takePart = (rejected: number): Behaviour => answer(200, {}, encode('Response', { partialSuccess: { rejected, errorMessage: 'no' } }))

class OnDemand extends MetricReader {
  protected override async onForceFlush (): Promise<void> {}
  protected override async onShutdown (): Promise<void> {}
}

type Point = Pick<SumPoint, 'name' | 'attributes' | 'value'>

/** A real carrier and recorder that are observed; `collect` gives all points, and the figures that they were made from. */
function observed (t: Test, url: string, options: Partial<CarrierOptions> = {}, entry?: () => URL) {
  const carrier = new WorkerCarrier({
    endpoints: { traces: url }, resource: RESOURCE, retry: { firstMs: 1, maxMs: 20 }, slowAfterMs: 60_000, ...options
  }, () => {}, entry)
  t.teardown(async () => { await carrier.close(300) })
  const recorder = new FastTracerProvider({
    sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 60_000, sink: { take: ({ scope, spans, count }) => { carrier.take({ signal: 'traces', scope, items: spans, count }) } }
  })
  const read: EngineStats[] = []
  const engine = {
    get stats (): EngineStats {
      const stats = carrierStats(carrier.stats, { waiting: recorder.waiting, invalid: recorder.counts.invalid })
      read.push(stats)
      return stats
    }
  }
  const reader = new OnDemand()
  const provider = new MeterProvider({ readers: [reader] })
  t.teardown(async () => { await provider.shutdown() })
  observeSelf(provider, '1.2.3', { engine, spans: recorder, endpoints: { traces: url } })
  const collect = async (): Promise<[Point[], EngineStats]> => {
    const { resourceMetrics } = await reader.collect()
    const points = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
      .flatMap(({ descriptor: { name }, dataPoints }) => dataPoints.map(({ attributes, value }) => ({ name, attributes, value: value as number })))
    return [points, read.at(-1)!]
  }
  return { carrier, recorder, engine, collect }
}

/** Figures come from another thread, in messages of which nobody else is told. */
async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate()
}

async function receiving (t: Test, ...behaviours: Behaviour[]): Promise<Receiver> {
  const receiver = await Receiver.listen(behaviours)
  t.teardown(async () => { await receiver.close() })
  return receiver
}

/** The one value of a metric where its attributes are as given, `undefined` for absent. */
function valueOf (points: readonly Point[], name: string, attributes: Record<string, unknown> = {}): number | undefined {
  const found = points.filter(point => point.name === name && Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
  return found.length === 1 ? found[0]!.value : undefined
}

/** What the metrics say of the spans is what stats say. */
function agree (t: Test, points: readonly Point[], { spans, ...rest }: EngineStats): void {
  const type = { 'otel.component.type': 'otlp_http_span_exporter' }
  const exported = points.filter(({ name }) => name === 'otel.sdk.exporter.span.exported')
  const byReason = Object.fromEntries(exported.map(({ attributes, value }) => [attributes['error.type'] ?? '', value]))
  const dropped = Object.fromEntries(Object.entries(spans.dropped).filter(([, count]) => count > 0))
  t.strictSame(byReason, { '': spans.exported, ...dropped })
  t.equal(exported.reduce((sum, { value }) => sum + value, 0), spans.exported + spans.failed)
  t.equal(valueOf(points, 'letta_otel.exporter.retried', type), spans.retried)
  t.equal(valueOf(points, 'letta_otel.exporter.spooled', type), spans.spooled)
  t.equal(valueOf(points, 'otel.sdk.exporter.span.inflight')! + valueOf(points, 'otel.sdk.processor.span.queue.size')!, spans.waiting)
  t.equal(valueOf(points, 'letta_otel.memory.usage'), rest.waitingBytes)
  t.equal(valueOf(points, 'letta_otel.spool.usage'), rest.spoolBytes)
  t.equal(valueOf(points, 'letta_otel.worker.crashes'), rest.workerCrashes)
}

/** How each reason comes about: what is left is `carrier`, closed or not, with so many lost. */
const LOSSES: Readonly<Record<DropReason, (t: Test) => Promise<{ lost: number, seen: ReturnType<typeof observed> }>>> = {
  async queue_full (t) {
    const receiver = await receiving(t)
    receiver.usual = hang
    const seen = observed(t, receiver.url, { maxWaitingBytes: spans(['0']).items.length * 10, maxBatchCount: 1 })
    for (const name of names('', 9)) seen.carrier.take(spans([name]))
    seen.carrier.take(spans(names('', 30)))
    return { lost: 30, seen }
  },
  async rejected (t) {
    const receiver = await receiving(t, answer(400), takePart(2))
    const seen = observed(t, receiver.url)
    for (const count of [3, 5]) {
      seen.carrier.take(spans(names('n', count)))
      await seen.carrier.flush(10_000)
    }
    return { lost: 3 + 2, seen }
  },
  async spool_full (t) {
    const receiver = await receiving(t)
    receiver.usual = answer(503)
    const seen = observed(t, receiver.url, { spool: { directory: temporaryDirectory(t), maxBytes: 200_000 }, maxBatchCount: 1 })
    for (let n = 0; n < 40; n++) {
      seen.carrier.take(spans([`${n}${'x'.repeat(10_000)}`]))
      await until(() => seen.engine.stats.spans.spooled > n)
    }
    const { spans: { waiting, spooled, failed } } = seen.engine.stats
    t.strictSame([waiting, spooled], [0, 40])
    t.ok(seen.engine.stats.spoolBytes > 0 && seen.engine.stats.spoolBytes <= 100_000)
    return { lost: failed, seen }
  },
  async worker_crashed (t) {
    const receiver = await receiving(t)
    const folder = temporaryDirectory(t, {
      'worker.mjs': `
        import { parentPort, workerData } from 'node:worker_threads'
        import { serveCarrier } from ${JSON.stringify(libUrl('export/serve-carrier.ts'))}
        parentPort.on('message', ({ parcel }) => { if (parcel?.count === 7) throw new Error('poison') })
        serveCarrier(parentPort, workerData, {})`
    })
    const seen = observed(t, receiver.url, {}, () => pathToFileURL(join(folder, 'worker.mjs')))
    for (const count of [1, 7]) {
      seen.carrier.take(spans(names('n', count)))
      await seen.carrier.flush(10_000)
    }
    t.equal(seen.engine.stats.workerCrashes, 1)
    return { lost: 7, seen }
  },
  async invalid (t) {
    const receiver = await receiving(t)
    const seen = observed(t, receiver.url)
    const span = seen.recorder.getTracer('x').startSpan('cannot be encoded')
    span.setAttribute('a', 'b')
    Object.defineProperty(span, 'kind', { get () { throw new Error('no') } })
    span.end()
    const gone = spans(['1', '2'])
    await seen.carrier.flush(10_000)
    structuredClone(gone.items, { transfer: [gone.items.buffer as ArrayBuffer] })
    t.equal(seen.carrier.take(gone), false)
    return { lost: 1 + 2, seen }
  },
  async shutdown (t) {
    const receiver = await receiving(t)
    receiver.usual = hang
    const seen = observed(t, receiver.url)
    seen.carrier.take(spans(names('n', 4)))
    t.equal(await seen.carrier.close(200), false)
    seen.carrier.take(spans(['late']))
    return { lost: 5, seen }
  }
}

for (const [reason, lose] of Object.entries(LOSSES)) {
  t.test(`what is lost by ${reason} is in stats and in the metrics, with the same number`, async t => {
    const { lost, seen: { engine, collect } } = await lose(t)
    const { spans: { dropped, failed } } = engine.stats
    t.ok(lost > 0)
    t.strictSame([dropped[reason as DropReason], failed], [lost, lost])
    agree(t, ...await collect())
  })
}

t.test('during an outage figures say what waits where, and after it that everything arrived', async t => {
  const receiver = await receiving(t)
  receiver.usual = answer(503)
  const { engine, collect, recorder } = observed(t, receiver.url, { spool: { directory: temporaryDirectory(t), maxBytes: 1e7 } })
  const tracer = recorder.getTracer('x')
  for (const name of names('n', 5)) tracer.startSpan(name).end()
  t.match(engine.stats.spans, { waiting: 5 })
  agree(t, ...await collect())
  recorder.handOver()
  t.match(engine.stats.spans, { waiting: 5 })
  await until(() => engine.stats.spans.spooled === 5 && engine.stats.spans.retried >= 5)
  t.match(engine.stats, { spans: { exported: 0, waiting: 0, spooled: 5, failed: 0 }, waitingBytes: 0 })
  t.ok(engine.stats.spoolBytes > 0 && engine.stats.spans.retried >= 5)
  agree(t, ...await collect())
  receiver.usual = accept
  await receiver.until(() => receiver.names.length === 5)
  await until(() => engine.stats.spans.exported === 5 && engine.stats.spoolBytes === 0)
  t.match(engine.stats, { spans: { exported: 5, waiting: 0, failed: 0 }, spoolBytes: 0 }, 'known without a flush')
  agree(t, ...await collect())
})

t.test('spans are counted by parent and by the sampler\'s decision, and those that have not ended', async t => {
  const decisions: Record<string, SamplingDecision> = { dropped: SamplingDecision.NOT_RECORD, recorded: SamplingDecision.RECORD }
  const recorder = new FastTracerProvider({
    sampler: { shouldSample: (_context, _traceId, name) => ({ decision: decisions[name] ?? SamplingDecision.RECORD_AND_SAMPLED }) },
    limits: DEFAULT_SPAN_LIMITS,
    maxAgeMs: 60_000,
    sink: { take () {} }
  })
  const reader = new OnDemand()
  const provider = new MeterProvider({ readers: [reader] })
  observeSelf(provider, undefined, { engine: { stats: mainThreadStats() }, spans: recorder, endpoints: {} })
  const tracer = recorder.getTracer('x')
  const remote = trace.setSpanContext(ROOT_CONTEXT, { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED, isRemote: true })
  const root = tracer.startSpan('root', { kind: SpanKind.SERVER })
  const child = tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root))
  tracer.startSpan('continued', {}, remote).end()
  tracer.startSpan('dropped').end()
  const recorded = tracer.startSpan('recorded')
  const collect = async (): Promise<unknown[]> => (await reader.collect()).resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
    .filter(({ descriptor: { name } }) => name.startsWith('otel.sdk.span')).flatMap(({ descriptor: { name }, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [name.slice(14), attributes['otel.span.parent.origin'], attributes['otel.span.sampling_result'], value]))
  const started = [
    ['started', 'none', 'DROP', 1], ['started', 'none', 'RECORD_ONLY', 1], ['started', 'none', 'RECORD_AND_SAMPLE', 1],
    ['started', 'local', 'RECORD_AND_SAMPLE', 1], ['started', 'remote', 'RECORD_AND_SAMPLE', 1]
  ]
  t.strictSame(await collect(), [...started, ['live', undefined, 'RECORD_ONLY', 1], ['live', undefined, 'RECORD_AND_SAMPLE', 2]])
  for (const span of [child, root, recorded, recorded]) span.end()
  t.strictSame(await collect(), [...started, ['live', undefined, 'RECORD_ONLY', 0], ['live', undefined, 'RECORD_AND_SAMPLE', 0]])
})

t.test('at the sink, the engine\'s metrics are its stats; nothing is told of the endpoint but host and port', async t => {
  const receiver = await receiving(t)
  let requests = 0
  receiver.usual = (response, request) => {
    const refusals = [accept, takePart(1), answer(400)]
    ;(request.url === '/v1/traces?k=hidden' ? refusals[requests++ % 3]! : accept)(response, request)
  }
  const base = new URL('/?k=hidden', receiver.url)
  base.username = 'us3r'
  const options = runtimeOptions({ engine: 'fast', destination: 'otlp', endpoint: base.href, temporality: 'cumulative' }, { LETTA_DIR: temporaryDirectory(t) })
  const engine = new FastEngine(options, resourceFromAttributes({ 'service.name': 'self' }), () => {})
  t.teardown(async () => { await engine.shutdown(1_000) })
  const tracer = engine.tracerProvider.getTracer('x')
  for (const count of [4, 3, 2]) {
    for (const name of names('n', count)) tracer.startSpan(name).end()
    await engine.flush(10_000)
  }
  const before = engine.stats
  t.match(before.spans, { exported: 4 + 2, failed: 1 + 2, dropped: { rejected: 3 }, waiting: 0 })
  t.ok(before.metrics.exported > 0)
  await engine.flush(10_000)
  const last = receiver.accepted.filter(({ path }) => path.startsWith('/v1/metrics')).at(-1)!
  const points = sumsOfRequest(last.body)
  agree(t, points, before)
  t.equal(valueOf(points, 'otel.sdk.exporter.metric_data_point.exported'), before.metrics.exported)
  t.equal(engine.stats.metrics.exported, before.metrics.exported + points.length)
  t.strictSame(points.find(({ name }) => name === 'otel.sdk.exporter.span.inflight')!.attributes, {
    'otel.component.type': 'otlp_http_span_exporter', 'otel.component.name': 'otlp_http_span_exporter/0', 'server.address': '127.0.0.1', 'server.port': receiver.port
  })
  t.ok(points.every(({ scope }) => scope === 'letta-otel'))
  t.notMatch(JSON.stringify(points), /us3r|hidden/)
})
