/** Each query on telemetry whose totals can be told: 2 organizations, 2 agents each, 10 runs an agent, 2 LLM calls a run. */
import t from 'tap'
import type { Engine } from '../../../lib/store/engine.ts'
import type { NamedQuery } from '../../../lib/store/queries/named-query.ts'
import { isoOf } from '../../../lib/store/queries/time.ts'
import { NAMED_QUERIES, type QueryName } from '../../../lib/store/queries/named-queries.ts'
import { runQuery, type QueryScope } from '../../../lib/store/queries/run-query.ts'
import { jsonLines, SAMPLE, sampleTelemetry, sampleTraceId } from '../../fixtures/sample-telemetry.ts'
import { openSampleStore, SAMPLE_START } from '../sample-store.ts'

const MINUTE = 60_000_000_000n
const at = (minutes: number): string => isoOf(SAMPLE_START + BigInt(minutes) * MINUTE)
const WHOLE = { from: at(0), to: at(10) }

let engine: Engine
t.before(async () => { ({ engine } = await openSampleStore(t)) })

/** Rows without their types: what is compared says what they are. */
async function ask (name: QueryName, given: Record<string, unknown> = {}, scope: QueryScope = 'all-organizations'): Promise<Array<Record<string, any>>> {
  const query: NamedQuery = NAMED_QUERIES[name]
  const range = 'from' in query.parameters ? WHOLE : {}
  return await runQuery(engine, query, { ...range, ...given }, scope)
}

t.test('slow-runs', async t => {
  const rows = await ask('slow-runs', { limit: 100 })
  t.equal(rows.length, 24, 'of 10 runs, those of 10, 12, 14, 16, 18 and 20 seconds')
  t.strictSame(rows.map(row => row['duration_ms']), [20, 18, 16, 14, 12, 10].flatMap(seconds => Array<number>(4).fill(seconds * 1_000)))
  t.strictSame(rows[0], {
    id: 'run-org-1-0-9',
    started: at(9),
    duration_ms: 20_000,
    num_steps: 2,
    outcome: 'error',
    total_tokens: 240,
    cost_usd: 0.5,
    agent_id: 'agent-0-of-org-1',
    organization_id: 'org-1',
    trace_id: sampleTraceId('org-1', 0, 9)
  })
  t.equal((await ask('slow-runs', { minimum_ms: 19_999, agent: 'agent-1-of-org-2' })).length, 1)
  t.equal((await ask('slow-runs', { to: at(9) })).length, 10, 'ten at most when nothing is said')
  t.equal((await ask('slow-runs', { to: at(9), limit: 100 })).length, 20, 'without what starts at the end')
})

t.test('llm-latency', async t => {
  t.strictSame(await ask('llm-latency'), ['model-a', 'model-b'].map((model, index) => ({
    provider: 'acme', model, requests: 40, errors: index * 4, minimum_ms: 100, average_ms: 550, p50_ms: 500, p90_ms: 900, p99_ms: 1_000, maximum_ms: 1_000
  })))
  t.match(await ask('llm-latency', { model: 'model-b', from: at(9) }), [{ model: 'model-b', requests: 4, errors: 4, minimum_ms: 1_000 }])
})

t.test('traces-with-errors', async t => {
  const rows = await ask('traces-with-errors')
  t.strictSame(rows.map(row => row['step_id']).sort(), ['step-org-1-0-9-1', 'step-org-1-1-9-1', 'step-org-2-0-9-1', 'step-org-2-1-9-1'])
  t.match(rows[0], { model: 'model-b', error_type: 'rate_limited', error_message: 'too many requests', latency_ms: 1_000, started: at(9) })
  t.equal((await ask('traces-with-errors', { error_type: 'other' })).length, 0)
  t.equal((await ask('traces-with-errors', { model: 'model-a' })).length, 0)
})

t.test('busiest-agents', async t => {
  const rows = await ask('busiest-agents')
  t.equal(rows.length, 4)
  t.strictSame(rows[0], {
    agent_id: 'agent-0-of-org-1', organization_id: 'org-1', steps: 20, runs: 10, errors: 1, average_step_ms: 5_500, total_tokens: 2_400, cost_usd: 5
  })
  t.equal((await ask('busiest-agents', { minimum_steps: 21 })).length, 0)
})

t.test('daily-volume', async t => {
  const rows = await ask('daily-volume')
  const sum = (name: string): number => rows.reduce((total, row) => total + (row[name] as number), 0)
  t.strictSame(rows.map(({ day }) => day), [...new Set([at(9).slice(0, 10), at(0).slice(0, 10)])])
  t.strictSame(['calls', 'errors', 'request_bytes', 'response_bytes', 'input_tokens', 'output_tokens', 'cost_usd'].map(sum),
    [80, 4, 80_000, 40_000, 8_000, 1_600, 20])
})

t.test('endpoint-latency', async t => {
  const [row, ...others] = await ask('endpoint-latency')
  t.strictSame(others, [])
  t.match(row, {
    time: at(0), method: 'POST', route: SAMPLE.route, requests: 40, errors: 4, average_ms: 11_000, p50_ms: 10_000, p95_ms: 20_000, p99_ms: 20_000, maximum_ms: 20_000, time_share: 1
  })
  t.ok(Math.abs(row!['p90_ms'] - 18_000) < 1, 'a digest of quantiles is exact enough')
  const minutes = await ask('endpoint-latency', { bucket_seconds: 60 })
  t.strictSame(minutes.map(({ time, requests, maximum_ms: maximum }) => [time, requests, maximum]),
    Array.from({ length: 10 }, (_, run) => [at(run), 4, (run + 1) * 2_000]))
  t.equal((await ask('endpoint-latency', { route: '/other' })).length, 0)
  t.equal((await ask('endpoint-latency', { service: 'agent-server', from: at(8) }))[0]!['requests'], 8)
})

t.test('error-rate', async t => {
  t.match(await ask('error-rate'), [{ route: SAMPLE.route, requests: 40, errors: 4, error_rate: 0.1, client_errors: 0, client_error_rate: 0 }])
  t.match(await ask('error-rate', { bucket_seconds: 300 }), [{ time: at(0), error_rate: 0 }, { time: at(5), error_rate: 0.2 }])
  t.equal((await ask('error-rate', { minimum_requests: 41 })).length, 0)
})

t.test('throughput', async t => {
  t.strictSame(await ask('throughput', { bucket_seconds: 600 }), [{
    time: at(0), requests: 40, requests_per_second: 40 / 600, status_2xx: 36, status_3xx: 0, status_4xx: 0, status_5xx: 4, status_other: 0
  }])
  t.match(await ask('throughput', { bucket_seconds: 0, to: at(20) }), [{ time: at(0), requests: 40, requests_per_second: 40 / 1_200 }])
})

t.test('ttft', async t => {
  const rows = await ask('ttft')
  t.match(rows[0], { model: 'model-a', calls: 40, ttft_p50_ms: 125, ttft_p99_ms: 250, total_p50_ms: 500, total_p99_ms: 1_000, ttft_share: 0.25 })
  t.ok(Math.abs(rows[0]!['tokens_per_second'] - (40 * 20) / (40 * 0.4125)) < 1e-9)
  t.match(rows[1], { model: 'model-b', calls: 36, ttft_p99_ms: 225 }, 'calls that failed before a token have no time of it')
})

t.test('breakdown', async t => {
  const sums = { input_tokens: 100, output_tokens: 20, cached_input_tokens: 10, reasoning_tokens: 5, cost_usd: 0.25 }
  const expected: Record<string, [values: string[], calls: number]> = {
    organization: [['org-1', 'org-2'], 40],
    project: [['project-of-org-1', 'project-of-org-2'], 40],
    agent: [['agent-0-of-org-1', 'agent-0-of-org-2', 'agent-1-of-org-1', 'agent-1-of-org-2'], 20],
    provider: [['acme'], 80],
    model: [['model-a', 'model-b'], 40]
  }
  for (const [by, [values, calls]] of Object.entries(expected)) {
    const rows = await ask('breakdown', { by })
    t.strictSame(rows.map(({ value }) => value), values, by)
    for (const row of rows) t.match(row, { calls, p50_ms: 500, p99_ms: 1_000, ...Object.fromEntries(Object.entries(sums).map(([name, each]) => [name, each * calls])) }, by)
  }
})

t.test('trace', async t => {
  const trace = sampleTraceId('org-1', 0, 9)
  const rows = await ask('trace', { trace })
  t.match(rows, [
    { started: at(9), duration_ms: 20_000, name: `POST ${SAMPLE.route}`, kind: 'Server', service: 'agent-server', status: 'Error', parent_span_id: '' },
    { duration_ms: 10_000, name: 'Agent.step', kind: 'Internal', parent_span_id: trace.slice(0, 16), events: [] }
  ])
  t.equal(rows.length, 2)
  t.strictSame(rows[0]!['events'], [{ time: isoOf(SAMPLE_START + 9n * MINUTE + 20_000_000_000n), name: 'exception', attributes: { 'exception.type': 'RateLimited' } }])
  t.match(rows[0]!['attributes'], { 'http.route': SAMPLE.route, 'organization.id': 'org-1' })
  t.equal((await ask('trace', { trace: trace.toUpperCase() })).length, 2, 'ids are found in either case')
  t.equal((await ask('trace', { trace, limit: 1 })).length, 1)
  t.equal((await ask('trace', { trace: 'f'.repeat(32) })).length, 0)
})

t.test('trace-search', async t => {
  const count = async (given: Record<string, unknown>): Promise<number> => (await ask('trace-search', { limit: 1_000, ...given })).length
  t.equal(await count({}), 40, 'one row a trace')
  t.equal(await count({ status: 'error' }), 4)
  t.equal(await count({ status: 'ok' }), 36)
  t.equal(await count({ span: 'Agent.step' }), 40)
  t.equal(await count({ service: 'other' }), 0)
  t.equal(await count({ minimum_ms: 19_999.5 }), 4)
  t.equal(await count({ maximum_ms: 1_000 }), 4, 'the method of the shortest runs')
  t.equal(await count({ attributes: { 'http.response.status_code': '500', 'agent.id': 'agent-0-of-org-2' } }), 1)
  t.equal(await count({ attributes: 'http.route=/v1/agents' }), 0, 'the whole value counts')
  t.equal(await count({ resource: { 'host.name': 'sample' } }), 40)
  t.equal(await count({ resource: { 'host.name': 'sample' }, attributes: { 'host.name': 'sample' } }), 0)
  t.match((await ask('trace-search', { limit: 1 }))[0], { started: at(9), duration_ms: 20_000 })
  t.match((await ask('trace-search', { order: 'slowest', status: 'ok', limit: 1 }))[0], { started: at(8), duration_ms: 18_000, status: 'Unset' })
})

t.test('trace-logs', async t => {
  const rows = await ask('trace-logs', { trace: sampleTraceId('org-2', 1, 3), to: at(20) })
  t.match(rows, [
    { time: at(3), severity: 'info', body: 'run started', attributes: { org_id: 'org-2', run: '3' } },
    { body: 'run ended', attributes: { run: '3' } }
  ])
  t.equal(rows.length, 2)
})

t.test('slo', async t => {
  const rows = await ask('slo', { to: at(10), objective: 0.8 })
  t.strictSame(rows.map(({ window, requests, good }) => [window, requests, good]), [
    ['5m', 20, 16], ['30m', 40, 36], ['1h', 40, 36], ['6h', 40, 36], ['1d', 40, 36], ['3d', 40, 36], ['30d', 40, 36]
  ])
  const [short, , , , , , whole] = rows
  t.ok(Math.abs(short!['burn_rate'] - 1) < 1e-9, 'the budget of 20 % is used up as fast as it may be')
  t.ok(Math.abs(whole!['burn_rate'] - 0.5) < 1e-9 && Math.abs(whole!['budget_left'] - 0.5) < 1e-9, 'half of it is left')
  const slow = await ask('slo', { to: at(10), threshold_ms: 10_000 })
  t.match(slow.at(-1), { window: '30d', requests: 40, good: 20, compliance: 0.5 })
  t.match((await ask('slo', { to: at(-10) })).map(({ requests, compliance }) => [requests, compliance]), Array(7).fill([0, null]), 'nothing is neither good nor bad')
})

t.test('a row that replaces another counts once, and one that was taken back not at all', async t => {
  const { run_metrics: [run], provider_traces: [call] } = sampleTelemetry({ start: SAMPLE_START, organizations: ['org-3'], agents: 1, runs: 2 })
  const newer = { updated_at: run!.updated_at + 1_000 }
  await engine.insert('run_metrics', jsonLines([{ ...run!, run_ns: null, outcome: 'running' }, { ...run!, ...newer, run_ns: 77_000_000_000n }]), 2)
  await engine.insert('provider_traces', jsonLines([call!, { ...call!, ...newer, is_deleted: true }]), 2)
  const scope = { organizationId: 'org-3' }
  t.strictSame((await ask('slow-runs', {}, scope)).map(row => row['duration_ms']), [77_000])
  t.strictSame(await ask('llm-latency', {}, scope), [])
})

t.test('requests without a route are asked for by a name that no route has', async t => {
  const span = (attributes: Record<string, string>, id: string) => ({
    Timestamp: String(SAMPLE_START + 30n * MINUTE),
    TraceId: id.repeat(32),
    SpanId: id.repeat(16),
    SpanName: 'GET',
    SpanKind: 'Server',
    ServiceName: 'routes',
    SpanAttributes: { 'http.request.method': 'GET', ...attributes },
    Duration: '1000000',
    StatusCode: 'Unset'
  })
  await engine.insert('otel_traces', jsonLines([span({ 'http.route': '/x' }, 'a'), span({}, 'b'), span({}, 'c')]), 3)
  const range = { from: at(30), to: at(31), service: 'routes' }
  const counted = async (name: QueryName, route: string, given: Record<string, unknown> = range): Promise<unknown> => {
    const rows = await ask(name, { ...given, route })
    return rows.at(-1)?.['requests']
  }
  for (const name of ['endpoint-latency', 'error-rate', 'throughput'] as const) {
    t.strictSame([await counted(name, '/x'), await counted(name, '(no route)'), await counted(name, '/other')], [1, 2, undefined], name)
  }
  for (const threshold of [0, 5_000]) {
    const given = { to: at(31), service: 'routes', threshold_ms: threshold }
    t.strictSame([await counted('slo', '', given), await counted('slo', '/x', given), await counted('slo', '(no route)', given)], [3, 1, 2])
  }
})
