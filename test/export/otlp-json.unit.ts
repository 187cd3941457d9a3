import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, ValueType, createTraceState, trace, type Attributes } from '@opentelemetry/api'
import { JsonMetricsSerializer, JsonTraceSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationTemporality, AggregationType, MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { loadOtlpJson } from '../../lib/export/otlp-json.ts'
import { encode } from './otlp-messages.ts'

const json = await loadOtlpJson()
const resource = resourceFromAttributes({ 'service.name': 'files', list: ['a', 'b'] })
const parsed = (bytes: Uint8Array | undefined): any => JSON.parse(Buffer.from(bytes as Uint8Array).toString())

/** The SDK writes the attributes of a scope only where it has some. */
function withoutEmptyScopeAttributes (request: any): any {
  return JSON.parse(JSON.stringify(request, (key, value) => {
    if (key !== 'scope') return value
    const { attributes, droppedAttributesCount, ...scope } = value
    return attributes?.length > 0 ? value : scope
  }))
}

const ATTRIBUTES: Attributes = {
  text: 'two\nlines 😀', empty: '', integer: 42, negative: -1, zero: 0, large: Number.MAX_SAFE_INTEGER, fraction: 1.5, yes: true, no: false, texts: ['a', ''], numbers: [1, 2.5], none: []
}

t.test("traces are what the SDK's serializer for JSON writes", async t => {
  const ended: ReadableSpan[] = []
  const provider = new TracerProvider({
    resource,
    spanProcessors: [{ onStart () {}, onEnd (span) { ended.push(span) }, async forceFlush () {}, async shutdown () {} }]
  })
  const tracer = provider.getTracer('scope', '1.0', { schemaUrl: 'https://example.com/schema' })
  const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED, isRemote: true, traceState: createTraceState('vendor=1') }
  const span = tracer.startSpan('a span', { kind: SpanKind.SERVER, attributes: ATTRIBUTES, links: [{ context: remote, attributes: ATTRIBUTES }, { context: remote }] },
    trace.setSpanContext(ROOT_CONTEXT, remote))
  span.addEvent('event', ATTRIBUTES)
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' })
  span.end()
  provider.getTracer('another').startSpan('root').end()
  const request = json('traces', ProtobufTraceSerializer.serializeRequest(ended) as Uint8Array)
  t.notMatch(request, '\n', 'one line')
  t.strictSame(withoutEmptyScopeAttributes(JSON.parse(request)), parsed(JsonTraceSerializer.serializeRequest(ended)))
})

class PulledReader extends MetricReader {
  protected override async onForceFlush (): Promise<void> {}
  protected override async onShutdown (): Promise<void> {}
}

async function someMetrics (temporality: AggregationTemporality): Promise<ResourceMetrics> {
  const reader = new PulledReader({ aggregationTemporalitySelector: () => temporality })
  const provider = new MeterProvider({
    resource, readers: [reader], views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }]
  })
  const meter = provider.getMeter('scope', '1.0')
  meter.createCounter('counter', { unit: '1', description: 'counted', valueType: ValueType.INT }).add(3, ATTRIBUTES)
  meter.createUpDownCounter('level').add(-1.5)
  meter.createObservableGauge('gauge', { valueType: ValueType.INT }).addCallback(result => { result.observe(-7) })
  const histogram = meter.createHistogram('histogram', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1, 10] } })
  for (const value of [0, 0.5, 0.5, 100]) histogram.record(value, { route: '/' })
  const exponential = meter.createHistogram('exponential')
  for (const value of [0, 1, 3, 1_000]) exponential.record(value)
  return (await reader.collect()).resourceMetrics
}

t.test("metrics are what the SDK's serializer for JSON writes", async t => {
  for (const temporality of [AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE]) {
    const metrics = await someMetrics(temporality)
    const written = json('metrics', ProtobufMetricsSerializer.serializeRequest(metrics) as Uint8Array)
    t.strictSame(withoutEmptyScopeAttributes(JSON.parse(written, (key, value) => key === 'flags' ? undefined : value)), parsed(JsonMetricsSerializer.serializeRequest(metrics)))
  }
})

t.test('logs, and what the SDK has no form for', async t => {
  const record = {
    timeUnixNano: '1700000000123456789', severityNumber: 9, severityText: 'INFO', body: { stringValue: 'said' }, traceId: Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex')
  }
  const values = [{ intValue: '9223372036854775807' }, { intValue: '-9223372036854775808' }, { doubleValue: NaN }, { doubleValue: Infinity }, { bytesValue: Buffer.from([1, 2]) }]
  const attributes = values.map((value, index) => ({ key: String(index), value }))
  const { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] } = JSON.parse(json('logs', encode('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...record, attributes }] }] }] })))
  t.strictSame(resource, { attributes: [], droppedAttributesCount: 0 })
  t.strictSame(logRecords, [{
    ...record,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    attributes: [
      { key: '0', value: { intValue: '9223372036854775807' } }, { key: '1', value: { intValue: '-9223372036854775808' } },
      { key: '2', value: { doubleValue: 'NaN' } }, { key: '3', value: { doubleValue: 'Infinity' } }, { key: '4', value: { bytesValue: 'AQI=' } }
    ],
    droppedAttributesCount: 0,
    flags: 0,
    observedTimeUnixNano: '0'
  }])
})

t.test('bytes that are no request are refused', async t => {
  t.throws(() => json('traces', Uint8Array.of(0x0a, 0xff)))
})
