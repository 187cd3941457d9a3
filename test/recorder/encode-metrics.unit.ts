import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality, AggregationType, DataPointType, MeterProvider, MetricReader, type MetricData, type ResourceMetrics
} from '@opentelemetry/sdk-metrics'
import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { MetricsEncoder } from '../../lib/recorder/encode-metrics.ts'
import { SpanIds } from '../../lib/recorder/span-ids.ts'
import { metricsOf, metricsRequest } from './metric-messages.ts'

const encoder = new MetricsEncoder()

/** Both encodings of the same metrics say the same. */
function compare (metrics: ResourceMetrics): void {
  const expected = metricsRequest(ProtobufMetricsSerializer.serializeRequest(metrics) as Uint8Array)
  // An explicit zero of the SDK's is proto3's default.
  delete expected.resourceMetrics[0].resource.droppedAttributesCount
  deepStrictEqual(withoutDefaults(metricsRequest(encoder.encode(metrics))), withoutDefaults(expected))
}

/** Fields without presence may be written at their default or be left out. */
function withoutDefaults (value: any): any {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value)
    .filter(([name, field]) => !(['name', 'description', 'unit', 'schemaUrl', 'version'].includes(name) && field === '') && !(['scale', 'offset'].includes(name) && field === 0))
    .map(([name, field]) => [name, withoutDefaults(field)]))
}

const double = fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e300))
const count = fc.oneof(fc.nat(100), fc.maxSafeNat())
const value: fc.Arbitrary<any> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer(), double, fc.maxSafeInteger(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }),
  fc.array(fc.double(), { maxLength: 3 }), fc.constantFrom(undefined, 'x'.repeat(5_000)))
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(fc.string({ maxLength: 20 }), value, { maxKeys: 4, noNullPrototype: true })
const time: fc.Arbitrary<HrTime> = fc.tuple(fc.nat(2 ** 32), fc.nat(999_999_999))
const optional = fc.option(double, { nil: undefined })
const descriptor = fc.record({
  name: fc.string({ maxLength: 30 }), description: fc.string({ unit: 'grapheme' }), unit: fc.string(), valueType: fc.constantFrom(ValueType.INT, ValueType.DOUBLE)
})
const aggregationTemporality = fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE)
const base = { descriptor, aggregationTemporality }
const points = (value: fc.Arbitrary<unknown>): fc.Arbitrary<any[]> =>
  fc.array(fc.record({ attributes, startTime: time, endTime: time, value }), { maxLength: 5 })
const withValueType = (valueType: ValueType): fc.Arbitrary<object> => descriptor.map(facts => ({ ...facts, valueType }))
// The SDK cuts off what an instrument of whole numbers cannot take.
const integers = { ...base, descriptor: withValueType(ValueType.INT), dataPoints: points(fc.oneof(fc.integer(), fc.maxSafeInteger())) }
const doubles = { ...base, descriptor: withValueType(ValueType.DOUBLE), dataPoints: points(fc.oneof(double, fc.integer())) }
const gauge = fc.constant(DataPointType.GAUGE)
const sum = { dataPointType: fc.constant(DataPointType.SUM), isMonotonic: fc.boolean() }
const histogram = fc.record({
  count, sum: optional, min: optional, max: optional, buckets: fc.record({ boundaries: fc.array(double, { maxLength: 20 }), counts: fc.array(count, { maxLength: 21 }) })
})
const buckets = fc.record({ offset: fc.integer(), bucketCounts: fc.array(count, { maxLength: 30 }) })
const exponential = fc.record({
  count, sum: optional, min: optional, max: optional, scale: fc.integer({ min: -20, max: 20 }), zeroCount: count, positive: buckets, negative: buckets
})
const metric = fc.oneof(
  fc.record({ ...integers, dataPointType: gauge }),
  fc.record({ ...doubles, dataPointType: gauge }),
  fc.record({ ...integers, ...sum }),
  fc.record({ ...doubles, ...sum }),
  fc.record({ ...base, dataPointType: fc.constant(DataPointType.HISTOGRAM), dataPoints: points(histogram) }),
  fc.record({ ...base, dataPointType: fc.constant(DataPointType.EXPONENTIAL_HISTOGRAM), dataPoints: points(exponential) })
) as fc.Arbitrary<MetricData>
const scope = fc.record({
  name: fc.string(), version: fc.option(fc.string(), { nil: undefined }), schemaUrl: fc.option(fc.webUrl(), { nil: undefined }), attributes: fc.option(attributes, { nil: undefined })
}) as fc.Arbitrary<ResourceMetrics['scopeMetrics'][number]['scope']>

t.test('any metrics are encoded as the SDK encodes them', async () => {
  fc.assert(fc.property(
    fc.array(fc.record({ scope, metrics: fc.array(metric, { maxLength: 4 }) }), { maxLength: 3 }), attributes, fc.option(fc.webUrl(), { nil: undefined }),
    (scopeMetrics, resource, schemaUrl) => {
      compare({ resource: resourceFromAttributes(resource, schemaUrl === undefined ? undefined : { schemaUrl }), scopeMetrics })
    }), { numRuns: 500 })
})

class PulledReader extends MetricReader {
  protected override async onForceFlush (): Promise<void> {}
  protected override async onShutdown (): Promise<void> {}
}

t.test('what every instrument of the SDK yields', async t => {
  const reader = new PulledReader()
  const provider = new MeterProvider({
    readers: [reader],
    resource: resourceFromAttributes({ 'service.name': 'test', list: ['a', 'b'] }),
    views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }]
  })
  const meter = provider.getMeter('scope', '1.0', { schemaUrl: 'https://example.com' })
  const integer = { valueType: ValueType.INT }
  meter.createCounter('counter', integer).add(3, { route: '/' })
  meter.createUpDownCounter('up-down', integer).add(-3)
  meter.createUpDownCounter('up-down.double').add(-3.5)
  meter.createGauge('gauge', { unit: 'By', description: 'Größe' }).record(-1.5)
  const histogram = meter.createHistogram('histogram', { advice: { explicitBucketBoundaries: [1, 2] } })
  const exponential = meter.createHistogram('exponential')
  for (const recorded of [0, 0.001, 1, 2, 3, 1e9]) {
    histogram.record(recorded, { a: 1, b: [true, false] })
    exponential.record(recorded)
  }
  meter.createObservableGauge('observed').addCallback(result => { result.observe(2 ** 40, { x: 'y' }) })
  meter.createObservableCounter('observed.counter', integer).addCallback(result => { result.observe(2 ** 40) })
  provider.getMeter('other').createCounter('other').add(1)
  const { resourceMetrics } = await reader.collect()
  t.equal(metricsOf(encoder.encode(resourceMetrics)).length, 9)
  compare(resourceMetrics)
})

t.test('exemplars', async t => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const spanId = 'b7ad6b7169203331'
  const [metric] = metricsOf(encoder.encode({
    resource: resourceFromAttributes({}),
    scopeMetrics: [{
      scope: { name: 'scope' },
      metrics: [{
        descriptor: { name: 'histogram', description: '', unit: 's', valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.DELTA,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: [{
          attributes: {},
          startTime: [1, 0],
          endTime: [2, 0],
          value: { count: 1, sum: 0.25, buckets: { boundaries: [1], counts: [1, 0] } },
          exemplars: [{ ids: SpanIds.of({ traceId, spanId }), value: 0.25, time: [1, 500] }]
        }] as any
      }]
    }]
  }))
  t.strictSame(metric.histogram.dataPoints[0].exemplars, [{
    filteredAttributes: [],
    timeUnixNano: '1000000500',
    asDouble: 0.25,
    traceId: Buffer.from(traceId, 'hex').toString('base64'),
    spanId: Buffer.from(spanId, 'hex').toString('base64')
  }])
})
