/** The example server through `clickhouse` into the store, and back by named queries. */
import { isDeepStrictEqual } from 'node:util'
import { runQuery } from '../../../../lib/store/queries/run-query.ts'
import { NAMED_QUERIES, type QueryName } from '../../../../lib/store/queries/named-queries.ts'
import type { NamedQuery } from '../../../../lib/store/queries/named-query.ts'
import { clickhouse, countOf } from '../harness/clickhouse.ts'
import { runExample } from '../harness/example.ts'
import { Forwarder } from '../harness/forwarder.ts'
import { records, spansOf } from '../harness/otlp-contents.ts'
import { proof } from '../harness/proof.ts'

/** Whole minutes are asked for. */
const MINUTE_MS = 60_000
const KIND_SERVER = 2
const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer']
const STATUS = ['Unset', 'Ok', 'Error']

await proof('the example server, in the store', async p => {
  const { open, env } = await clickhouse(p)
  const store = await open('otel')
  const collector = await p.collector({ configuration: 'clickhouse', env: env('otel') })
  const forwarder = await Forwarder.to(collector.url)
  p.teardown(forwarder.close)
  await runExample(p, forwarder.url)

  const sent = spansOf(forwarder.acknowledged.traces)
  const sentRecords = records(forwarder.acknowledged.logs).length
  await p.until(async () => await countOf(store, 'otel_traces') >= sent.length && await countOf(store, 'otel_logs') >= sentRecords, 30)
  const rows = await store.engine.query<Record<string, any>>(`
    SELECT TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, StatusCode, toUnixTimestamp64Nano(Timestamp) AS start, Duration,
      SpanAttributes, length(Events.Name) AS events
    FROM otel_traces`)
  const expected = new Map(sent.map(span => [span.spanId, rowOf(span)]))
  p.equal('every span is in the store', rows.length, expected.size)
  p.equal('with what it says', rows.filter(row => !isDeepStrictEqual(row, expected.get(row['SpanId']))).map(row => [row, expected.get(row['SpanId'])]), [])
  p.equal('every log record', await countOf(store, 'otel_logs'), sentRecords)
  p.check('and metrics', await countOf(store, 'otel_metrics_histogram') > 0 && await countOf(store, 'otel_metrics_sum') > 0)

  const ask = async (name: QueryName, given = {}): Promise<any[]> =>
    await runQuery(store.engine, NAMED_QUERIES[name] as NamedQuery, given, 'all-organizations', { now: Date.now() + MINUTE_MS })
  const served = sent.filter(({ kind }) => kind === KIND_SERVER)
  p.equal('throughput counts the requests', sum(await ask('throughput'), 'requests'), served.length)
  p.equal('endpoint-latency knows the routes', distinct((await ask('endpoint-latency')).map(({ route }) => route)), distinct(served.map(routeOf)))
  p.equal('error-rate knows the refused ones', sum(await ask('error-rate'), 'client_errors'), served.filter(span => /^4/.test(attribute(span, 'http.response.status_code'))).length)
  const asked = served.find(span => routeOf(span) === '/v1/agents/:agent_id/messages' && attribute(span, 'http.response.status_code') === '200')
  const ofTrace = sent.filter(({ traceId }) => traceId === asked.traceId)
  p.equal('trace finds all spans of one', (await ask('trace', { trace: asked.traceId })).length, ofTrace.length)
  p.check('trace-logs finds its lines', (await ask('trace-logs', { trace: asked.traceId })).length > 0)
  p.check('trace-search finds it by an attribute', (await ask('trace-search', { attributes: { 'http.route': routeOf(asked) }, limit: 1_000 })).some(({ trace_id: id }) => id === asked.traceId))
  p.equal('nothing is left in the queue', await collector.sum('otelcol_exporter_queue_size'), 0)
  p.equal('the collector had nothing to say', collector.output, '')
})

function rowOf (span: any): Record<string, any> {
  return {
    TraceId: span.traceId,
    SpanId: span.spanId,
    ParentSpanId: span.parentSpanId ?? '',
    SpanName: span.name,
    SpanKind: KINDS[span.kind],
    ServiceName: attribute(span.resource, 'service.name'),
    StatusCode: STATUS[span.status?.code ?? 0],
    start: span.startTimeUnixNano,
    Duration: String(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)),
    SpanAttributes: Object.fromEntries(span.attributes.map(({ key, value }: any) => [key, textOf(value)])),
    events: String(span.events.length)
  }
}

/** As the exporter writes a value: of a list, its JSON. */
function textOf (value: any): string {
  if (value.arrayValue !== undefined) return JSON.stringify(value.arrayValue.values.map(textOf))
  return String(Object.values(value)[0])
}

function attribute ({ attributes }: any, name: string): string {
  return textOf(attributes.find(({ key }: any) => key === name)?.value ?? { stringValue: '' })
}

function routeOf (span: any): string {
  return attribute(span, 'http.route')
}

function distinct (values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}

function sum (rows: readonly any[], column: string): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0)
}
