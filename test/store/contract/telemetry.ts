import type { Test } from 'tap'
import { deleteProviderTrace } from '../../../lib/store/delete-provider-trace.ts'
import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { runQuery } from '../../../lib/store/queries/run-query.ts'
import { callRow, NOW } from '../sample-rows.ts'
import type { Kit } from './contract.ts'

const SECOND = Math.floor(NOW / 1_000)
/** As ClickHouse shows it. */
const SHOWN = new Date(SECOND * 1_000).toISOString().slice(0, 19).replace('T', ' ')

/** Lines of JSONEachRow. */
function lines (...rows: object[]): string {
  return rows.map(row => JSON.stringify(row)).join('\n')
}

function serverSpan (nanosecond: number, row: object = {}): object {
  return {
    Timestamp: `${SECOND}.${String(nanosecond).padStart(9, '0')}`,
    TraceId: 'ab'.repeat(16),
    SpanId: 'cd'.repeat(8),
    SpanName: 'GET /agents/:id',
    SpanKind: 'Server',
    ServiceName: 'agent-server',
    SpanAttributes: { 'http.request.method': 'GET', 'http.route': '/agents/:id', 'http.response.status_code': '200', 'organization.id': 'org-1' },
    Duration: 1_000_000,
    StatusCode: 'Unset',
    'Events.Timestamp': [`${SECOND}.5`],
    'Events.Name': ['exception'],
    'Events.Attributes': [{ 'exception.type': 'Error' }],
    ...row
  }
}

export async function telemetry (t: Test, { open }: Kit): Promise<void> {
  await t.test('spans are found by trace, by attribute, and add up a minute at a time', async t => {
    const { engine } = await open(t)
    const spans = Array.from({ length: 100 }, (_, index) => serverSpan(index, { Duration: (index + 1) * 1_000_000 }))
    await engine.insert('otel_traces', lines(...spans, serverSpan(1, { SpanAttributes: { 'http.method': 'POST', 'http.status_code': '503' }, StatusCode: 'Error' }), serverSpan(1, { SpanKind: 'Client' })), 102)
    t.same(await engine.query('SELECT count() AS spans FROM otel_traces WHERE TraceId = {id:String}', { id: 'ab'.repeat(16) }), [{ spans: '102' }])
    t.same(await engine.query("SELECT count() AS spans FROM otel_traces WHERE has(SpanAttributeItems, 'http.route=/agents/:id')"), [{ spans: '101' }])
    t.same(await engine.query("SELECT min(Start) AS first, max(End) AS last FROM otel_traces_trace_id_ts WHERE TraceId != ''"), [{ first: SHOWN, last: SHOWN }])
    const minutes = await engine.query<Record<string, unknown>>(`
      SELECT organization_id, method, route, status_code, sum(requests) AS requests, sum(errors) AS errors, max(duration_ns_max) AS slowest,
        arrayMap(q -> round(q / 1e6), quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(duration_ns_quantiles)) AS ms
      FROM endpoint_minutes GROUP BY ALL ORDER BY status_code`)
    t.match(minutes, [
      { organization_id: 'org-1', method: 'GET', route: '/agents/:id', status_code: 200, requests: '100', errors: '0', slowest: '100000000' },
      { organization_id: '', method: 'POST', status_code: 503, requests: '1', errors: '1' }
    ])
    const [median, , , p99] = minutes[0]!['ms'] as number[]
    t.ok(Math.abs(median! - 50) <= 2 && Math.abs(p99! - 99) <= 2, `${median} ${p99}`)
  })

  await t.test('an insert that is repeated with its token counts once, in the table and in what follows from it', async t => {
    const { engine } = await open(t)
    for (let time = 0; time < 3; time++) await engine.insert('otel_traces', lines(serverSpan(1), serverSpan(2)), 2, { token: 'batch-1' })
    await engine.insert('otel_traces', lines(serverSpan(1), serverSpan(2)), 2, { token: 'batch-2' })
    t.same(await engine.query('SELECT count() AS spans FROM otel_traces'), [{ spans: '4' }])
    t.same(await engine.query('SELECT sum(requests) AS requests FROM endpoint_minutes'), [{ requests: '4' }])
  })

  await t.test('LLM calls add up when they ended, not when they began', async t => {
    const { engine, rows } = await open(t)
    const call = callRow()
    rows.write('provider_traces', { ...call, outcome: 'running', latency_ns: null, ttft_ns: null, cost_usd: null })
    rows.write('provider_traces', { ...call, updated_at: NOW + 1 })
    rows.write('provider_traces', callRow({ is_error: true, outcome: 'error', cost_usd: null }))
    await rows.flush()
    t.match(await engine.query('SELECT outcome, calls, errors, total_tokens, cost_usd, arrayMap(q -> round(q), quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(latency_ns_quantiles))[1] AS p50 FROM llm_minutes GROUP BY ALL ORDER BY outcome'), [
      { outcome: 'error', calls: '1', errors: '1', total_tokens: '120', cost_usd: 0 }, { outcome: 'ok', calls: '1', errors: '0', total_tokens: '120', cost_usd: 0.0125 }
    ])
  })

  await t.test('a call that is deleted is taken away from what it was added to', async t => {
    const { engine, rows } = await open(t)
    const [kept, gone] = [callRow(), callRow({ is_error: true })]
    rows.write('provider_traces', kept)
    rows.write('provider_traces', gone)
    await rows.flush()
    rows.write('provider_traces', { ...gone, is_deleted: true, updated_at: NOW + 1 })
    rows.write('provider_traces', callRow({ outcome: 'running', is_deleted: true, updated_at: NOW + 1 }))
    await rows.flush()
    const [sums] = await engine.query<Record<string, unknown>>(`SELECT sum(calls) AS calls, sum(errors) AS errors, sum(m.input_tokens) AS input_tokens,
      sum(m.total_tokens) AS total_tokens, sum(m.cost_usd) AS cost_usd, sum(m.latency_ns_sum) AS latency_ns FROM llm_minutes AS m`)
    t.same(sums, { calls: '1', errors: '0', input_tokens: '100', total_tokens: '120', cost_usd: 0.0125, latency_ns: '900000001' })
    const ask = async (): Promise<unknown[]> => await runQuery(engine, NAMED_QUERIES.breakdown, {}, { organizationId: 'org-1' })
    t.match(await ask(), [{ value: 'gpt-5', calls: 1, errors: 0, cost_usd: 0.0125 }])
    rows.write('provider_traces', { ...kept, is_deleted: true, updated_at: NOW + 1 })
    await rows.flush()
    t.same(await ask(), [])
  })

  await t.test('a call that is deleted again and again, and by several at once, is taken away once', async t => {
    const { engine, rows } = await open(t)
    const [kept, gone] = [callRow(), callRow({ is_error: true })]
    const key = { organizationId: gone.organization_id, stepId: gone.step_id, id: gone.id }
    for (const call of [kept, gone]) rows.write('provider_traces', call)
    await rows.flush()
    const sums = async (): Promise<unknown> => (await engine.query('SELECT sum(calls) AS calls, sum(errors) AS errors, sum(m.total_tokens) AS total_tokens, sum(m.latency_ns_sum) AS latency_ns FROM llm_minutes AS m'))[0]
    t.equal(await deleteProviderTrace(engine, { ...key, organizationId: 'org-9' }), false, 'by nobody else')
    t.same(await sums(), { calls: '2', errors: '1', total_tokens: '240', latency_ns: '1800000002' })
    t.ok((await Promise.all([1, 2, 3].map(async () => await deleteProviderTrace(engine, key)))).includes(true))
    for (let time = 0; time < 3; time++) t.equal(await deleteProviderTrace(engine, key), false)
    t.same(await sums(), { calls: '1', errors: '0', total_tokens: '120', latency_ns: '900000001' })
    t.match(await rows.providerTracesOfStep('org-1', kept.step_id), [{ id: kept.id }])
    // It may come back, and go again.
    rows.write('provider_traces', { ...gone, updated_at: Date.now() + 1_000 })
    await rows.flush()
    t.match(await sums(), { calls: '2', errors: '1' })
    t.equal(await deleteProviderTrace(engine, key), true)
    t.match(await sums(), { calls: '1', errors: '0' })
  })

  await t.test('logs and each kind of metric are taken', async t => {
    const { engine } = await open(t)
    await engine.insert('otel_logs', lines({ Timestamp: `${SECOND}.000000001`, TraceId: 'ab'.repeat(16), SeverityText: 'INFO', SeverityNumber: 9, ServiceName: 's', Body: 'Something Happened', LogAttributes: { a: 'b' }, EventName: 'e' }), 1)
    t.same(await engine.query("SELECT Timestamp, TimestampTime FROM otel_logs WHERE has(LogAttributeItems, 'a=b') AND hasToken(lower(Body), 'happened')"),
      [{ Timestamp: `${SHOWN}.000000001`, TimestampTime: SHOWN }])
    const point = { MetricName: 'm', ServiceName: 's', Attributes: { a: 'b' }, TimeUnix: `${SECOND}.5`, StartTimeUnix: `${SECOND}.25` }
    const kinds: Record<string, object> = {
      gauge: { Value: 1.5 },
      sum: { Value: 2, IsMonotonic: true, AggregationTemporality: 1 },
      histogram: { Count: 3, Sum: 4, BucketCounts: [1, 2], ExplicitBounds: [5], 'Exemplars.TimeUnix': [`${SECOND}.5`], 'Exemplars.Value': [1], 'Exemplars.TraceId': ['t'], 'Exemplars.SpanId': ['s'], 'Exemplars.FilteredAttributes': [{}] },
      exponential_histogram: { Count: 3, Sum: 4, Scale: 2, ZeroCount: 1, PositiveOffset: -1, PositiveBucketCounts: [1, 1] },
      summary: { Count: 3, Sum: 4, 'ValueAtQuantiles.Quantile': [0.5], 'ValueAtQuantiles.Value': [9] }
    }
    for (const [kind, values] of Object.entries(kinds)) {
      await engine.insert(`otel_metrics_${kind}`, lines({ ...point, ...values }), 1)
      t.match(await engine.query(`SELECT * FROM otel_metrics_${kind}`), [{ MetricName: 'm', TimeUnix: `${SHOWN}.500000000` }], kind)
    }
  })
}
