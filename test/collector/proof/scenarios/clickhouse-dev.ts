/** `clickhouse-dev` and `clickhouse-prod` into the store: each signal, and each kind of metric, in our tables. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationFiles } from '../../../../lib/collector/configurations.ts'
import { clickhouse, countOf } from '../harness/clickhouse.ts'
import { attributeList, nanoseconds, newTraceId, post, resource, tracesMessage } from '../harness/otlp-client.ts'
import { spansOf } from '../harness/otlp-contents.ts'
import { proof } from '../harness/proof.ts'
import { withoutDatadog } from '../harness/without-datadog.ts'

const NOW = Date.now()
const TIME = nanoseconds(NOW)
const SPANS = 3_000
/** Cumulative, monotonic. */
const CUMULATIVE = 2

const POINT = { timeUnixNano: TIME, startTimeUnixNano: nanoseconds(NOW - 1_000), attributes: attributeList({ a: 'b' }) }
const METRICS: readonly object[] = [
  { name: 'a.gauge', unit: '1', gauge: { dataPoints: [{ ...POINT, asDouble: 1.5 }] } },
  { name: 'a.sum', unit: '1', sum: { dataPoints: [{ ...POINT, asInt: 7 }], aggregationTemporality: CUMULATIVE, isMonotonic: true } },
  {
    name: 'a.histogram',
    unit: 's',
    histogram: {
      dataPoints: [{ ...POINT, count: 3, sum: 2.5, bucketCounts: [1, 2], explicitBounds: [1], min: 0.5, max: 1.5 }], aggregationTemporality: CUMULATIVE
    }
  },
  {
    name: 'a.exponential',
    unit: 's',
    exponentialHistogram: {
      dataPoints: [{ ...POINT, count: 4, sum: 9, scale: 1, zeroCount: 1, positive: { offset: -1, bucketCounts: [1, 2] }, negative: { offset: 0, bucketCounts: [] } }],
      aggregationTemporality: CUMULATIVE
    }
  },
  { name: 'a.summary', unit: 's', summary: { dataPoints: [{ ...POINT, count: 2, sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] } }
]

await proof('all signals, in files and in the store', async p => {
  const { open, env } = await clickhouse(p)
  for (const configuration of ['clickhouse-dev', 'clickhouse-prod'] as const) {
    const database = configuration.replace('-', '_')
    const store = await open(database)
    const given = { ...env(database), DD_API_KEY: 'unused', LETTA_ENVIRONMENT: 'staging' }
    const collector = await p.collector({ configuration, env: given, files: withoutDatadog(configurationFiles(configuration, given), p.directory), lettaDirectory: join(p.directory, database) })

    const spans = Array.from({ length: SPANS }, () => ({ traceId: newTraceId(), attributes: { 'http.route': '/work' } }))
    const record = { timeUnixNano: TIME, severityNumber: 9, severityText: 'info', body: { stringValue: 'it works' }, traceId: spans[0]?.traceId, eventName: 'proof', attributes: attributeList({ a: 'b' }) }
    p.equal(`${configuration} takes spans, metrics and logs`, [
      await post(collector.url, 'traces', tracesMessage('proof', spans)),
      await post(collector.url, 'metrics', { resourceMetrics: [{ resource: resource('proof'), scopeMetrics: [{ metrics: METRICS }] }] }),
      await post(collector.url, 'logs', { resourceLogs: [{ resource: resource('proof', { environment: 'production' }), scopeLogs: [{ logRecords: [record] }] }] })
    ], [200, 200, 200])

    const tables = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'].map(kind => `otel_metrics_${kind}`)
    const arrived = async (): Promise<number[]> => await Promise.all(['otel_traces', 'otel_logs', ...tables].map(async table => await countOf(store, table, "ServiceName = 'proof'")))
    const expected = [SPANS, 1, 1, 1, 1, 1, 1]
    await p.until(async () => String(await arrived()) === String(expected), 20)
    p.equal(`${configuration}: they are in the tables`, await arrived(), expected)
    const ask = async (sql: string): Promise<unknown[]> => await store.engine.query(sql)
    p.equal('a counter keeps what it says', await ask('SELECT Value, IsMonotonic, AggregationTemporality, MetricUnit FROM otel_metrics_sum'),
      [{ Value: 7, IsMonotonic: true, AggregationTemporality: CUMULATIVE, MetricUnit: '1' }])
    p.equal('a histogram too', await ask('SELECT Count, Sum, BucketCounts, ExplicitBounds, Min, Max FROM otel_metrics_histogram'),
      [{ Count: '3', Sum: 2.5, BucketCounts: ['1', '2'], ExplicitBounds: [1], Min: 0.5, Max: 1.5 }])
    p.equal('an exponential one too', await ask('SELECT Scale, ZeroCount, PositiveOffset, PositiveBucketCounts FROM otel_metrics_exponential_histogram'),
      [{ Scale: 1, ZeroCount: '1', PositiveOffset: -1, PositiveBucketCounts: ['1', '2'] }])
    p.equal('a summary too', await ask('SELECT Count, ValueAtQuantiles.Quantile AS quantiles, ValueAtQuantiles.Value AS values FROM otel_metrics_summary'),
      [{ Count: '2', quantiles: [0.5], values: [1] }])
    p.equal('a log record too', await ask('SELECT Body, SeverityText, SeverityNumber, EventName, TraceId, toUnixTimestamp64Nano(Timestamp) AS time, LogAttributes FROM otel_logs'),
      [{ Body: 'it works', SeverityText: 'info', SeverityNumber: 9, EventName: 'proof', TraceId: spans[0]?.traceId.toString('hex'), time: TIME, LogAttributes: { a: 'b' } }])
    p.equal('what named no environment has the collector\'s', [
      await ask("SELECT DISTINCT ResourceAttributes['environment'] AS environment FROM otel_traces"),
      await ask("SELECT ResourceAttributes['environment'] AS environment FROM otel_logs")
    ], [[{ environment: 'staging' }], [{ environment: 'production' }]])
    p.equal(`${configuration} had nothing to say`, collector.output, '')
  }
  const lines = readFileSync(join(p.directory, 'clickhouse_dev/logs/traces.json'), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
  p.equal('clickhouse-dev: spans are in a file too', spansOf(lines).length, SPANS)
  p.check('and metrics', readFileSync(join(p.directory, 'clickhouse_dev/logs/metrics.json'), 'utf8').includes('a.summary'))
})
