import { atMs, spanIdOf, traceIdOf } from './generated.ts'

const MINUTE = 60_000
const RESOURCE = { ServiceName: 'agent-server', ResourceAttributes: { 'service.name': 'agent-server' } }

/** What each metric comes to: over ten minutes, a point each minute. */
export const METRICS = {
  gauge: { name: 'pool.connections', values: { idle: 3, used: 7 } },
  /** Cumulative: 60 more each minute for each of two attribute sets. */
  counter: { name: 'jobs.processed', perMinute: 60, kinds: ['import', 'export'] },
  /** Delta: each minute 8 below 10 ms, 2 from 10 to 100 ms. */
  histogram: { name: 'hist_step_execution_time_ms', counts: [8, 2, 0], bounds: [10, 100] },
  /** Cumulative: each minute 4 more from 2 to 4, and 1 more from 4 to 8. */
  exponential: { name: 'queue.size', scale: 0, offset: 1, counts: [4, 1] },
  exporter: { sent: 340, lost: 2 },
  /** Cumulative, as a Collector counts, and delta, as the local backend does. */
  receiver: { accepted: 5_400, refused: 3, refusedRequests: 4, failedPoints: 1 }
} as const

/** Rows of the exporter's tables of metrics. */
export function generatedMetrics (start: number): Record<string, object[]> {
  const minutes = Array.from({ length: 10 }, (_, minute) => minute)
  const at = (minute: number): object => ({ StartTimeUnix: atMs(start), TimeUnix: atMs(start + minute * MINUTE + 30_000) })
  const { gauge, counter, histogram, exponential, exporter, receiver } = METRICS
  /** Its sender had nothing to say of this minute. */
  const marker = { ...RESOURCE, StartTimeUnix: atMs(start), TimeUnix: atMs(start + 4 * MINUTE + 40_000), Flags: 1 }
  return {
    otel_metrics_gauge: [
      ...minutes.flatMap(minute => Object.entries(gauge.values).map(([state, value]) => ({
        ...RESOURCE, ...at(minute), MetricName: gauge.name, MetricUnit: '{connection}', MetricDescription: 'Connections of the pool.', Attributes: { state }, Value: value
      }))),
      { ...marker, MetricName: gauge.name, Attributes: { state: 'idle' }, Value: 0 }
    ],
    otel_metrics_sum: [
      ...minutes.flatMap(minute => counter.kinds.map(kind => ({
        ...RESOURCE, ...at(minute), MetricName: counter.name, MetricUnit: '{job}', MetricDescription: 'Jobs that are done.', Attributes: { kind }, Value: counter.perMinute * (minute + 1), AggregationTemporality: 2, IsMonotonic: true
      }))),
      { ...marker, MetricName: counter.name, MetricUnit: '{job}', Attributes: { kind: 'import' }, Value: 0, AggregationTemporality: 2, IsMonotonic: true },
      ...[['', exporter.sent], ['Timeout', exporter.lost]].map(([type, value]) => ({
        ...RESOURCE, ...at(9), MetricName: 'otel.sdk.exporter.span.exported', MetricUnit: '{span}', Attributes: type === '' ? {} : { 'error.type': type }, Value: value, AggregationTemporality: 2, IsMonotonic: true
      })),
      ...[
        ['otelcol_receiver_accepted_spans', receiver.accepted, 2], ['otelcol_receiver_refused_spans', receiver.refused, 2],
        ['otelcol_exporter_send_failed_metric_points', receiver.failedPoints, 1], ['letta_otel.backend.refused_requests.metrics', receiver.refusedRequests, 1]
      ].map(([name, value, temporality]) => ({ ServiceName: 'receiver', ...at(9), MetricName: name, MetricUnit: '{item}', Attributes: {}, Value: value, AggregationTemporality: temporality, IsMonotonic: true }))
    ],
    otel_metrics_histogram: minutes.map(minute => ({
      ...RESOURCE,
      ...at(minute),
      MetricName: histogram.name,
      MetricUnit: 'ms',
      MetricDescription: 'Duration of steps.',
      Attributes: { model: 'model-a' },
      Count: '10',
      Sum: 8 * 5 + 2 * 50,
      BucketCounts: histogram.counts.map(String),
      ExplicitBounds: histogram.bounds,
      Min: 5,
      Max: 50,
      AggregationTemporality: 1,
      ...(minute === 9 && {
        // The second was made outside of any trace.
        'Exemplars.TimeUnix': [atMs(start + minute * MINUTE + 10_000), atMs(start + minute * MINUTE + 20_000)],
        'Exemplars.Value': [50, 5],
        'Exemplars.TraceId': [traceIdOf('broken'), '0'.repeat(32)],
        'Exemplars.SpanId': [spanIdOf('broken root'), '0'.repeat(16)],
        'Exemplars.FilteredAttributes': [{}, {}]
      })
    })),
    otel_metrics_exponential_histogram: minutes.map(minute => ({
      ...RESOURCE,
      ...at(minute),
      MetricName: exponential.name,
      MetricUnit: '1',
      MetricDescription: 'Jobs that wait.',
      Attributes: {},
      Count: String(5 * (minute + 1)),
      Sum: 18 * (minute + 1),
      Scale: exponential.scale,
      ZeroCount: '0',
      PositiveOffset: exponential.offset,
      PositiveBucketCounts: exponential.counts.map(count => String(count * (minute + 1))),
      NegativeOffset: 0,
      NegativeBucketCounts: [],
      AggregationTemporality: 2
    }))
  }
}
