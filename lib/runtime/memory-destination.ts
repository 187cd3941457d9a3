import { SpanKind, SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api'
import { AggregationTemporality, DataPointType, MetricReader, type MetricData } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { RuntimeOptions } from '../options.ts'
import type { Destination } from './destination.ts'
import { temporalitySelector } from './temporality.ts'

/** A finished span, in plain values. */
export interface FinishedSpan {
  readonly name: string
  readonly kind: keyof typeof SpanKind
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: Attributes
  readonly status: { readonly code: keyof typeof SpanStatusCode, readonly message: string | undefined }
  readonly events: ReadonlyArray<{ readonly name: string, readonly timeUnixNano: bigint, readonly attributes: Attributes }>
  readonly links: ReadonlyArray<{ readonly traceId: string, readonly spanId: string, readonly attributes: Attributes }>
  readonly scope: string
  readonly resource: Attributes
}

/** One point of a metric: `value` of a counter or gauge, the other fields of a histogram. */
export interface MetricPoint {
  readonly attributes: Attributes
  readonly value?: number
  readonly count?: number
  readonly sum?: number
  readonly boundaries?: readonly number[]
  readonly bucketCounts?: readonly number[]
}

/** A metric with what was recorded. */
export interface CollectedMetric {
  readonly name: string
  readonly unit: string
  readonly type: 'histogram' | 'exponential histogram' | 'gauge' | 'sum'
  readonly temporality: 'delta' | 'cumulative'
  readonly scope: string
  readonly points: readonly MetricPoint[]
}

/** Spans kept; the oldest make room, for a test suite that never resets. */
const SPANS_MAX = 10_000

/** Keeps telemetry in this process, for tests. */
export class MemoryDestination implements Destination {
  readonly location = 'the memory of this process'
  readonly spanProcessor: SpanProcessor
  readonly metricReader: MetricReader
  /** Whether the provider has the reader: without metrics it would refuse to collect. */
  readonly #collectsMetrics: boolean
  #spans: FinishedSpan[] = []

  constructor ({ temporality, signals }: RuntimeOptions) {
    this.#collectsMetrics = signals.metrics
    this.metricReader = new PulledMetricReader({ aggregationTemporalitySelector: temporalitySelector(temporality) })
    this.spanProcessor = {
      onStart () {},
      onEnd: span => { this.keep(finishedSpan(span)) },
      async forceFlush () {},
      async shutdown () {}
    }
  }

  keep (span: FinishedSpan): void {
    if (this.#spans.push(span) > SPANS_MAX) this.#spans.shift()
  }

  finishedSpans (): FinishedSpan[] {
    return this.#spans.slice()
  }

  async metrics (): Promise<CollectedMetric[]> {
    if (!this.#collectsMetrics) return []
    const { resourceMetrics } = await this.metricReader.collect()
    return resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) => metrics.map(metric => collectedMetric(metric, scope.name)))
  }

  async reset (): Promise<void> {
    this.#spans = []
    if (this.#collectsMetrics) await this.metricReader.collect()
  }

  async flush (): Promise<void> {}
  async close (): Promise<void> {}
}

class PulledMetricReader extends MetricReader {
  protected override async onForceFlush (): Promise<void> {}
  protected override async onShutdown (): Promise<void> {}
}

function finishedSpan (span: ReadableSpan): FinishedSpan {
  const { traceId, spanId, traceState } = span.spanContext()
  return {
    name: span.name,
    kind: SpanKind[span.kind] as keyof typeof SpanKind,
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    traceState: traceState?.serialize(),
    startTimeUnixNano: unixNano(span.startTime),
    endTimeUnixNano: unixNano(span.endTime),
    attributes: { ...span.attributes },
    status: { code: SpanStatusCode[span.status.code] as keyof typeof SpanStatusCode, message: span.status.message },
    events: span.events.map(({ name, time, attributes }) => ({ name, timeUnixNano: unixNano(time), attributes: { ...attributes } })),
    links: span.links.map(({ context, attributes }) => ({ traceId: context.traceId, spanId: context.spanId, attributes: { ...attributes } })),
    scope: span.instrumentationScope.name,
    resource: span.resource.attributes
  }
}

const TYPES = {
  [DataPointType.HISTOGRAM]: 'histogram',
  [DataPointType.EXPONENTIAL_HISTOGRAM]: 'exponential histogram',
  [DataPointType.GAUGE]: 'gauge',
  [DataPointType.SUM]: 'sum'
} as const

function collectedMetric (metric: MetricData, scope: string): CollectedMetric {
  return {
    name: metric.descriptor.name,
    unit: metric.descriptor.unit,
    type: TYPES[metric.dataPointType],
    temporality: metric.aggregationTemporality === AggregationTemporality.DELTA ? 'delta' : 'cumulative',
    scope,
    points: metric.dataPoints.map(({ attributes, value }) => ({ attributes: { ...attributes }, ...pointValue(value) }))
  }
}

function pointValue (value: MetricData['dataPoints'][number]['value']): Omit<MetricPoint, 'attributes'> {
  if (typeof value === 'number') return { value }
  const { count, sum } = value
  const counted = { count, ...(sum !== undefined && { sum }) }
  return 'buckets' in value
    ? { ...counted, boundaries: value.buckets.boundaries, bucketCounts: value.buckets.counts }
    : counted
}

/** A time in nanoseconds since the epoch. One that was computed has fractions, and the SDK takes some that are no time at all. */
export function unixNano ([seconds, nanoseconds]: HrTime): bigint {
  return whole(seconds) * 1_000_000_000n + whole(nanoseconds)
}

function whole (value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
}
