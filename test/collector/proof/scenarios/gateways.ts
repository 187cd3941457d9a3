/** Both tiers of the gateway: an edge, two collectors that sample, and the store. Whole traces are kept, and those that matter. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { clickhouse, countOf } from '../harness/clickhouse.ts'
import { newSpanId, newTraceId, nanoseconds, post, resource, tracesMessage, type SpanFacts } from '../harness/otlp-client.ts'
import { proof } from '../harness/proof.ts'

const SPANS_A_TRACE = 5
const COUNTS = { plain: 4_000, error: 100, slow: 100, llm: 100 }
const SLOW_MS = 6_000
const KEPT_PERCENT = 10
/** Four standard deviations of what chance keeps of 4,000. */
const LEEWAY = 76
const SPANS_A_REQUEST = 500
const SAMPLING = { LETTA_OTELCOL_DECISION_WAIT: '20s', LETTA_OTELCOL_DECISION_WAIT_AFTER_ROOT: '5s', LETTA_OTELCOL_SPAN_METRICS_INTERVAL: '1s' }

type Kind = keyof typeof COUNTS

await proof('two tiers of collectors', async p => {
  const { open, env } = await clickhouse(p)
  const store = await open('otel')
  const samplers = await Promise.all(['first', 'second'].map(async name =>
    await p.collector({ configuration: 'gateway-sampling', env: { ...env('otel'), ...SAMPLING }, lettaDirectory: join(p.directory, name) })))
  const edge = await p.collector({
    configuration: 'gateway-edge',
    env: { LETTA_OTELCOL_SAMPLERS: samplers.map(sampler => `127.0.0.1:${sampler.port('GRPC')}`).join(','), LETTA_OTELCOL_FLUSH: '200ms' },
    lettaDirectory: join(p.directory, 'edge')
  })

  const kinds = (Object.keys(COUNTS) as Kind[]).flatMap(kind => Array.from({ length: COUNTS[kind] }, () => ({ kind, spans: traceOf(kind) })))
  const all = kinds.length * SPANS_A_TRACE
  // Of each trace one span at a time, so that no request has two of one trace.
  const spans = Array.from({ length: SPANS_A_TRACE }, (_, position) => kinds.map(trace => trace.spans[position] as SpanFacts)).flat()
  const requests = Array.from({ length: Math.ceil(spans.length / SPANS_A_REQUEST) }, (_, index) => spans.slice(index * SPANS_A_REQUEST, (index + 1) * SPANS_A_REQUEST))
  const statuses = new Set<number>()
  for (const request of requests) statuses.add(await post(edge.url, 'traces', tracesMessage('proof', request)))
  statuses.add(await post(edge.url, 'logs', { resourceLogs: [{ resource: resource('proof'), scopeLogs: [{ logRecords: [{ timeUnixNano: nanoseconds(Date.now()), body: { stringValue: 'line' } }] }] }] }))
  statuses.add(await post(edge.url, 'metrics', { resourceMetrics: [{ resource: resource('proof'), scopeMetrics: [{ metrics: [{ name: 'a', gauge: { dataPoints: [{ timeUnixNano: nanoseconds(Date.now()), asDouble: 1 }] } }] }] }] }))
  p.equal('the edge takes everything', [...statuses], [200])

  const sumOf = async (metric: string): Promise<number[]> => await Promise.all(samplers.map(async sampler => await sampler.sum(metric)))
  const decided = async (): Promise<number> => (await sumOf('otelcol_processor_tail_sampling_global_count_traces_sampled')).reduce((a, b) => a + b)
  await p.until(async () => await decided() === kinds.length, 60)
  const shares = await sumOf('otelcol_processor_tail_sampling_new_trace_id_received')
  p.equal('each trace is known to one sampler alone', shares.reduce((a, b) => a + b), kinds.length)
  p.check(`both have their share: ${shares.join(' and ')}`, shares.every(share => share > 0.3 * kinds.length))

  await p.until(async () => (await sumOf('otelcol_exporter_queue_size')).every(size => size === 0) && await isSettled(async () => await countOf(store, 'otel_traces')), 30)
  const rows = await store.engine.query<{ id: string, spans: string }>('SELECT TraceId AS id, uniqExact(SpanId) AS spans FROM otel_traces GROUP BY id')
  const spansOf = new Map(rows.map(({ id, spans }) => [id, Number(spans)]))
  const kept = (kind: Kind): number => kinds.filter(trace => trace.kind === kind && spansOf.has(idOf(trace.spans))).length
  p.equal('every trace that was kept is whole', [...spansOf.values()].filter(count => count !== SPANS_A_TRACE), [])
  p.equal('every error, every slow one and every LLM error is kept', [kept('error'), kept('slow'), kept('llm')], [COUNTS.error, COUNTS.slow, COUNTS.llm])
  const expected = COUNTS.plain * KEPT_PERCENT / 100
  p.check(`of the rest about ${KEPT_PERCENT} %: ${kept('plain')} of ${COUNTS.plain}`, Math.abs(kept('plain') - expected) <= LEEWAY)

  const counted = async (where = '1'): Promise<number> => {
    const [row] = await store.engine.query<{ calls: number }>(`SELECT sum(Value) AS calls FROM otel_metrics_sum WHERE MetricName = 'traces.span.metrics.calls' AND ${where}`)
    return row?.calls ?? 0
  }
  await p.until(async () => await counted() >= all, 20)
  p.equal('rates count every span, kept or not', await counted(), all)
  p.equal('errors too', await counted("Attributes['status.code'] = 'STATUS_CODE_ERROR'"), COUNTS.error)
  p.equal('and LLM errors', await counted("Attributes['gen_ai.operation.name'] = 'chat' AND Attributes['error.type'] = '529'"), COUNTS.llm)
  const [durations] = await store.engine.query<any>("SELECT sum(Count) AS count, any(MetricUnit) AS unit FROM otel_metrics_histogram WHERE MetricName = 'traces.span.metrics.duration'")
  p.equal('durations are in seconds, of every span', durations, { count: String(all), unit: 's' })
  await p.until(async () => await countOf(store, 'otel_logs') === 1 && await countOf(store, 'otel_metrics_gauge') === 1, 10)
  p.equal('logs and metrics of the application come through', [await countOf(store, 'otel_logs'), await countOf(store, 'otel_metrics_gauge')], [1, 1])
  p.equal('the collectors had nothing to say', [edge, ...samplers].map(({ output }) => output), ['', '', ''])
})

/** Whether a number stays the same for longer than a batch waits. */
async function isSettled (count: () => Promise<number>): Promise<boolean> {
  const before = await count()
  await pause(2_000)
  return before > 0 && before === await count()
}

/** The root comes last, as it does from an application. */
function traceOf (kind: Kind): SpanFacts[] {
  const traceId = newTraceId()
  const root = newSpanId()
  const children = Array.from({ length: SPANS_A_TRACE - 1 }, (_, position): SpanFacts => {
    const isLast = position === SPANS_A_TRACE - 2
    return {
      traceId,
      parentSpanId: root,
      name: 'chat model',
      kind: 3,
      isError: kind === 'error' && isLast,
      attributes: { 'gen_ai.operation.name': 'chat', ...kind === 'llm' && isLast && { 'error.type': '529' } }
    }
  })
  return [...children, { traceId, spanId: root, durationMs: kind === 'slow' ? SLOW_MS : 20 }]
}

function idOf (spans: readonly SpanFacts[]): string {
  return (spans[0] as SpanFacts).traceId.toString('hex')
}
