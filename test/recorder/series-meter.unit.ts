import { INVALID_SPAN_CONTEXT, TraceFlags, trace, type Attributes, type Span } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import { MeterProvider, MetricReader, type AggregationTemporalitySelector, type MetricProducer } from '@opentelemetry/sdk-metrics'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'
import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { MetricsEncoder } from '../../lib/recorder/encode-metrics.ts'
import { FastTracerProvider } from '../../lib/recorder/fast-tracer-provider.ts'
import { SeriesMetricProducer } from '../../lib/recorder/series-metric-producer.ts'
import type { SeriesMeter } from '../../lib/recorder/series-meter.ts'
import { DEFAULT_SPAN_LIMITS } from '../../lib/recorder/span-limits.ts'
import { temporalitySelector } from '../../lib/runtime/temporality.ts'
import type { ExemplarFilter } from '../../lib/vocabulary/metrics.ts'
import { metricsOf, metricsRequest } from './metric-messages.ts'

const HISTOGRAM = { name: 'histogram', unit: 's', description: 'A histogram.', boundaries: [0, 1, 2.5, 10] }
const COUNTER = { name: 'counter', unit: '1', description: 'A counter.' }
const SCOPE = { name: 'scope', version: '1.0' }
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

/** Both read the same clock, which the programs move. */
let now = 1_700_000_000_000
Date.now = () => now

class PulledReader extends MetricReader {
  readonly #encoder = new MetricsEncoder()
  async collectRequest (): Promise<Uint8Array> {
    return this.#encoder.encode((await this.collect()).resourceMetrics)
  }

  protected override async onForceFlush (): Promise<void> {}
  protected override async onShutdown (): Promise<void> {}
}

interface Recording {
  record (attributes: Attributes, value: number): void
  add (attributes: Attributes, value: number): void
  collect (): Promise<Uint8Array>
}

function readerWith (temporality: AggregationTemporalitySelector, cardinalityLimit: number, producers: MetricProducer[]): PulledReader {
  return new PulledReader({ aggregationTemporalitySelector: temporality, cardinalitySelector: () => cardinalityLimit, metricProducers: producers })
}

function withSdk (temporality: AggregationTemporalitySelector, cardinalityLimit: number): Recording {
  const reader = readerWith(temporality, cardinalityLimit, [])
  const meter = new MeterProvider({ readers: [reader], resource: emptyResource() }).getMeter(SCOPE.name, SCOPE.version)
  const { name, unit, description, boundaries } = HISTOGRAM
  const histogram = meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } })
  const counter = meter.createCounter(COUNTER.name, COUNTER)
  return {
    record: (attributes, value) => { histogram.record(value, attributes) },
    add: (attributes, value) => { counter.add(value, attributes) },
    collect: () => reader.collectRequest()
  }
}

function withSeries (
  temporality: AggregationTemporalitySelector, cardinalityLimit: number, exemplarFilter?: ExemplarFilter
): Recording & { meter: SeriesMeter } {
  const producer = new SeriesMetricProducer(emptyResource(), { temporality, cardinalityLimit, ...exemplarFilter && { exemplarFilter } })
  const reader = readerWith(temporality, cardinalityLimit, [producer])
  const provider = new MeterProvider({ readers: [reader], resource: emptyResource() })
  const meter = producer.meter(SCOPE)
  const histogram = meter.histogram(HISTOGRAM)
  const counter = meter.counter(COUNTER)
  return {
    meter,
    record: (attributes, value) => { histogram.series(attributes).record(value, NO_SPAN, now) },
    add: (attributes, value) => { counter.series(attributes).add(value, now) },
    collect: async () => {
      await provider.forceFlush()
      return await reader.collectRequest()
    }
  }
}

type Step =
  { readonly does: 'record' | 'add', readonly set: number, readonly value: number } |
  { readonly does: 'collect' } |
  { readonly does: 'wait', readonly milliseconds: number }

/** The same set may be given in any order, and values that look alike are others. */
const SETS: readonly Attributes[] = [
  {}, { a: 1 }, { a: '1' }, { a: 1, b: true }, { b: true, a: 1 }, { a: [1, 2] }, { route: '/x', status: 200 }, { route: '/x', status: 500 }, { route: '/y' }
]

const value = fc.oneof(fc.double({ min: 0, max: 20 }), fc.constantFrom(0, -0, 1, 2.5, 10, 10.000001, Infinity, 1e300, NaN, -1, -Infinity))
const stepOf = (sets: number, values: fc.Arbitrary<number>): fc.Arbitrary<Step> => fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constantFrom('record' as const, 'add' as const), set: fc.nat(sets - 1), value: values }) },
  { weight: 1, arbitrary: fc.constant({ does: 'collect' as const }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const), milliseconds: fc.nat(100_000) }) }
)

/** What each collection of a program sends. */
async function run (recording: Recording, steps: readonly Step[], setOf: (set: number) => Attributes): Promise<unknown[]> {
  now = 1_700_000_000_000
  const collected: unknown[] = []
  for (const step of [...steps, { does: 'collect' } as const]) {
    switch (step.does) {
      case 'record': case 'add': recording[step.does](setOf(step.set), step.value); break
      case 'wait': now += step.milliseconds; break
      case 'collect':
        now += 10
        collected.push(inOneOrder(metricsRequest(await recording.collect())))
    }
  }
  return collected
}

/** Attributes, points of a metric, and metrics may come in any order. */
function inOneOrder (request: any): unknown {
  const byText = (one: unknown, other: unknown): number => JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
  for (const { scopeMetrics } of request.resourceMetrics) {
    for (const { metrics } of scopeMetrics) {
      for (const { histogram, sum } of metrics) {
        const { dataPoints } = histogram ?? sum
        for (const { attributes } of dataPoints) attributes.sort(byText)
        dataPoints.sort(byText)
      }
      metrics.sort(byText)
    }
  }
  return request
}

for (const preference of ['cumulative', 'delta', 'lowmemory'] as const) {
  const temporality = temporalitySelector(preference)

  t.test(`${preference}: each collection is what the SDK makes of the same recordings`, async () => {
    await fc.assert(fc.asyncProperty(fc.array(stepOf(SETS.length, value), { maxLength: 60 }), async steps => {
      const setOf = (set: number): Attributes => SETS[set] as Attributes
      deepStrictEqual(await run(withSeries(temporality, 2_000), steps, setOf), await run(withSdk(temporality, 2_000), steps, setOf))
    }), { numRuns: 300 })
  })
}

const setOfNumber = (set: number): Attributes => ({ caller: set })
const recorded = fc.double({ min: 0, max: 20, noNaN: true })

t.test('delta: past the limit all that comes after is one point, until the next collection', async () => {
  const temporality = temporalitySelector('delta')
  await fc.assert(fc.asyncProperty(fc.array(stepOf(12, recorded), { maxLength: 80 }), fc.integer({ min: 1, max: 8 }), async (steps, limit) => {
    deepStrictEqual(await run(withSeries(temporality, limit), steps, setOfNumber), await run(withSdk(temporality, limit), steps, setOfNumber))
  }), { numRuns: 300 })
})

t.test('cumulative: past the limit as the SDK, the first time', async () => {
  const temporality = temporalitySelector('cumulative')
  const steps = fc.array(stepOf(12, recorded).filter(({ does }) => does !== 'collect'), { maxLength: 80 })
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (steps, limit) => {
    deepStrictEqual(await run(withSeries(temporality, limit), steps, setOfNumber), await run(withSdk(temporality, limit), steps, setOfNumber))
  }), { numRuns: 300 })
})

t.test('cumulative: the limit holds for good, and nothing is lost', async t => {
  const recording = withSeries(temporalitySelector('cumulative'), 5)
  let points: any[] = []
  for (let round = 1; round <= 3; round++) {
    for (let caller = 0; caller < 20; caller++) recording.add({ caller: caller * round }, 1)
    const [metric] = metricsOf(await recording.collect())
    points = metric.sum.dataPoints
    t.equal(points.length, 5)
    t.equal(points.reduce((sum, point) => sum + point.asDouble, 0), 20 * round)
  }
  t.strictSame(points.map(({ attributes: [{ key, value }] }) => [key, value.intValue ?? value.boolValue]), [
    ['caller', '0'], ['caller', '1'], ['caller', '2'], ['caller', '3'], ['otel.metric.overflow', true]
  ])
})

t.test('series are the same for everyone until they are over', async t => {
  const { meter, add, collect } = withSeries(temporalitySelector('delta'), 2_000)
  const { generation } = meter
  t.equal(meter.counter(COUNTER).series({ a: 1, b: 2 }), meter.counter(COUNTER).series({ b: 2, a: 1 }))
  await collect()
  t.equal(meter.generation, generation, 'nothing was recorded, so nothing is over')
  add({}, 1)
  await collect()
  t.not(meter.generation, generation)

  const cumulative = withSeries(temporalitySelector('cumulative'), 2_000)
  cumulative.add({}, 1)
  await cumulative.collect()
  t.equal(cumulative.meter.generation, 0)
})

t.test('meters of one scope are one', async t => {
  const producer = new SeriesMetricProducer(emptyResource(), { temporality: temporalitySelector('delta'), cardinalityLimit: 10 })
  t.equal(producer.meter(SCOPE), producer.meter({ ...SCOPE }))
  t.not(producer.meter(SCOPE), producer.meter({ name: SCOPE.name }))
  t.strictSame((await producer.collect()).resourceMetrics.scopeMetrics, [])
})

for (const preference of ['delta', 'cumulative'] as const) {
  t.test(`${preference}: each bucket has the latest sampled measurement since the last collection`, async t => {
    const tracer = new FastTracerProvider({ sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 1_000, sink: { take () {} } }).getTracer('test')
    const sampled = [1, 2, 3].map(() => tracer.startSpan('sampled')) as [Span, Span, Span]
    const foreign = trace.wrapSpanContext({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED })
    const unsampled = trace.wrapSpanContext({ ...foreign.spanContext(), traceFlags: TraceFlags.NONE })
    const { meter, collect } = withSeries(temporalitySelector(preference), 10)
    const record = (value: number, span: Span): void => { meter.histogram(HISTOGRAM).series({}).record(value, span, now) }
    const exemplars = async (): Promise<unknown[]> => {
      const [metric] = metricsOf(await collect())
      return metric.histogram.dataPoints[0].exemplars.map((exemplar: any) => ({
        value: exemplar.asDouble,
        time: exemplar.timeUnixNano,
        traceId: Buffer.from(exemplar.traceId, 'base64').toString('hex'),
        spanId: Buffer.from(exemplar.spanId, 'base64').toString('hex')
      }))
    }
    const exemplar = (value: number, time: number, span: Span): object => {
      const { traceId, spanId } = span.spanContext()
      return { value, time: `${time}000000`, traceId, spanId }
    }

    record(5, unsampled)
    record(5, NO_SPAN)
    t.strictSame(await exemplars(), [])
    const start = now
    record(1.5, sampled[0])
    now += 5
    record(1.25, sampled[1])
    record(1.75, unsampled)
    record(99, foreign)
    record(NaN, sampled[2])
    t.strictSame(await exemplars(), [exemplar(1.25, start + 5, sampled[1]), exemplar(99, start + 5, foreign)])
    record(0, sampled[2])
    t.strictSame(await exemplars(), [exemplar(0, start + 5, sampled[2])], 'none is sent twice')
  })
}

t.test('which measurements become exemplars', async t => {
  const sampler: Sampler = { shouldSample: (...[, , name]) => ({ decision: name === 'sampled' ? SamplingDecision.RECORD_AND_SAMPLED : name === 'recorded' ? SamplingDecision.RECORD : SamplingDecision.NOT_RECORD }) }
  const tracer = new FastTracerProvider({ sampler, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 1_000, sink: { take () {} } }).getTracer('test')
  const foreign = trace.wrapSpanContext({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.NONE })
  // Each in a bucket of its own.
  const measured: Array<[value: number, span: Span, name: string]> = [
    [0, tracer.startSpan('sampled'), 'sampled'], [1, tracer.startSpan('recorded'), 'recorded'], [2, tracer.startSpan('dropped'), 'dropped'], [5, foreign, 'foreign'], [11, NO_SPAN, 'none']
  ]
  const exemplars = async (filter: ExemplarFilter | undefined): Promise<unknown> => {
    const { meter, collect } = withSeries(temporalitySelector('delta'), 10, filter)
    for (const [value, span] of measured) meter.histogram(HISTOGRAM).series({}).record(value, span, now)
    const [metric] = metricsOf(await collect())
    return metric.histogram.dataPoints[0].exemplars.map(({ asDouble, traceId, spanId }: any) => [asDouble, traceId, spanId])
  }
  const expected = (...names: string[]): unknown => measured.filter(([, , name]) => names.includes(name)).map(([value, span, name]) => {
    const { traceId, spanId } = span.spanContext()
    return name === 'none' ? [value, undefined, undefined] : [value, Buffer.from(traceId, 'hex').toString('base64'), Buffer.from(spanId, 'hex').toString('base64')]
  })
  t.strictSame(await exemplars(undefined), expected('sampled'), 'by default as trace_based')
  t.strictSame(await exemplars('trace_based'), expected('sampled'))
  t.strictSame(await exemplars('always_on'), expected('sampled', 'recorded', 'dropped', 'foreign', 'none'))
  t.strictSame(await exemplars('always_off'), [])
})
