/**
 * How long the page waits for its queries at five million spans: a backend of its own is filled with a day of an agent server's telemetry,
 * then each view's queries are asked as the page asks them, one after the other, over the API. Told of each: median and 95th percentile of
 * milliseconds; and the backend's memory.
 *
 * node test/bench/page-latency.ts [spans] [rounds]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryOf, startBackend, type BackendProcess } from './backend-process.ts'
import { quantile } from './report/statistics.ts'

const SPANS_A_TRACE = 10
const SPANS_AN_INSERT = 500_000
const DAY_SECONDS = 86_400

/** Of the number of a row: a value that looks like chance and is the same in each run. */
const chance = (salt: number, below: number): string => `cityHash64(n, ${salt}) % ${below}`
/** Rows are spread over the day that ends now. */
const timeOf = (index: string, total: number): string => `toDateTime64({start:Int64} + intDiv(${index} * ${DAY_SECONDS}, ${total}), 9)`
const hexadecimal = (value: string, digits: number): string => `leftPad(lower(hex(${value})), ${digits}, '0')`

function fillStatements (spans: number): string[] {
  const traces = spans / SPANS_A_TRACE
  const numbers = (first: number, count: number): string => `(SELECT number AS n, intDiv(n, ${SPANS_A_TRACE}) AS trace, n % ${SPANS_A_TRACE} AS place FROM numbers(${first}, ${count}))`
  const traceId = hexadecimal('cityHash64(trace)', 32)
  const route = "concat('/v1/resource-', toString(cityHash64(trace, 1) % 40), '/:id')"
  const organization = "concat('org-', toString(cityHash64(trace, 2) % 20))"
  const model = `concat('model-', toString(${chance(3, 6)}))`
  const statements: string[] = []
  for (let first = 0; first < spans; first += SPANS_AN_INSERT) {
    statements.push(`
      INSERT INTO otel.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, SpanAttributes, Duration, StatusCode)
      SELECT ${timeOf('n', spans)} + toIntervalMillisecond(place), ${traceId}, ${hexadecimal('n + 1', 16)}, if(place = 0, '', ${hexadecimal(`trace * ${SPANS_A_TRACE} + 1`, 16)}),
        if(place = 0, concat('GET ', ${route}), concat('Manager.method-', toString(cityHash64(n) % 60))), if(place = 0, 'Server', 'Internal'),
        concat('service-', toString(cityHash64(trace, 4) % 3)), map('service.name', 'bench', 'host.name', 'host', 'process.pid', '1'), 'letta-otel',
        if(place = 0, map('http.request.method', 'GET', 'http.route', ${route}, 'url.path', concat('/v1/resource/', toString(trace)), 'url.scheme', 'http',
            'http.response.status_code', if(${chance(5, 100)} = 0, '500', '200'), 'server.address', '127.0.0.1', 'organization.id', ${organization}, 'user_agent.original', 'bench/1.0'),
          map('code.function.name', concat('method-', toString(cityHash64(n) % 60)), 'organization.id', ${organization}, 'agent.id', concat('agent-', toString(cityHash64(trace, 6) % 500)))),
        toUInt64(exp(10 + ${chance(7, 1_000)} / 100.)) + 1000, if(place = 0 AND ${chance(5, 100)} = 0, 'Error', 'Unset')
      FROM ${numbers(first, Math.min(SPANS_AN_INSERT, spans - first))}`)
  }
  const lines = spans / 5
  statements.push(`
    INSERT INTO otel.otel_logs (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body, LogAttributes)
    SELECT ${timeOf('n', lines)}, ${hexadecimal('cityHash64(intDiv(n, 2))', 32)}, ${hexadecimal(`intDiv(n, 2) * ${SPANS_A_TRACE} + 1`, 16)}, if(${chance(8, 50)} = 0, 'error', 'info'), if(${chance(8, 50)} = 0, 17, 9),
      concat('service-', toString(n % 3)), concat('request ', toString(n), ' completed in ', toString(${chance(9, 900)}), ' ms'), map('reqId', concat('req-', toString(n)), 'org_id', concat('org-', toString(n % 20)))
    FROM (SELECT number AS n FROM numbers(${lines}))`)
  const runs = traces / 5
  statements.push(`
    INSERT INTO otel.run_metrics (id, organization_id, agent_id, trace_id, run_start_ns, run_ns, num_steps, num_llm_calls, tools_used, input_tokens, output_tokens, total_tokens, cost_usd, outcome, created_at, updated_at)
    SELECT concat('run-', toString(n)), concat('org-', toString(n % 20)), concat('agent-', toString(n % 500)), ${hexadecimal('cityHash64(n * 5)', 32)}, ${timeOf('n', runs)}, ${chance(10, 20_000)} * 1000000, 2, 4,
      ['search', 'archive'], 4000, 800, 4800, 0.01, if(${chance(11, 50)} = 0, 'error', 'ok'), now64(3), now64(3) FROM (SELECT number AS n FROM numbers(${runs}))`, `
    INSERT INTO otel.step_metrics (id, organization_id, agent_id, trace_id, run_id, step_start_ns, step_ns, tool_execution_ns, input_tokens, output_tokens, total_tokens, cost_usd, outcome, created_at, updated_at)
    SELECT concat('step-', toString(n)), concat('org-', toString(intDiv(n, 2) % 20)), concat('agent-', toString(intDiv(n, 2) % 500)), '', concat('run-', toString(intDiv(n, 2))), ${timeOf('n', runs * 2)},
      ${chance(12, 9_000)} * 1000000, 1000000, 2000, 400, 2400, 0.005, 'ok', now64(3), now64(3) FROM (SELECT number AS n FROM numbers(${runs * 2}))`, `
    INSERT INTO otel.provider_traces (id, organization_id, agent_id, step_id, run_id, provider, model, request_start_ns, latency_ns, ttft_ns, chunk_count, input_tokens, output_tokens, total_tokens, cost_usd, outcome, is_error, created_at, updated_at)
    SELECT concat('provider_trace-', toString(n)), concat('org-', toString(intDiv(n, 4) % 20)), concat('agent-', toString(intDiv(n, 4) % 500)), concat('step-', toString(intDiv(n, 2))), concat('run-', toString(intDiv(n, 4))),
      'openai', ${model}, ${timeOf('n', runs * 4)}, ${chance(13, 8_000)} * 1000000 + 900000000, ${chance(14, 800)} * 1000000, 40, 1000, 200, 1200, 0.0025, if(${chance(15, 40)} = 0, 'error', 'ok'), ${chance(15, 40)} = 0, now64(3), now64(3)
    FROM (SELECT number AS n FROM numbers(${runs * 4}))`)
  const points = DAY_SECONDS / 60 * 40
  statements.push(`
    INSERT INTO otel.otel_metrics_histogram (ServiceName, MetricName, MetricUnit, Attributes, StartTimeUnix, TimeUnix, Count, Sum, BucketCounts, ExplicitBounds, Min, Max, AggregationTemporality)
    SELECT concat('service-', toString(n % 3)), 'http.server.request.duration', 's', map('http.route', concat('/v1/resource-', toString(n % 40), '/:id'), 'http.response.status_code', '200'),
      ${timeOf('n', points)}, ${timeOf('n', points)} + 60, 100, 12.5, arrayMap(place -> toUInt64(cityHash64(n, place) % 20), range(15)), [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], 0.001, 8, 1
    FROM (SELECT number AS n FROM numbers(${points}))`)
  return statements
}

type Parameters = Readonly<Record<string, string | number>>
interface Question {
  readonly view: string
  readonly query: string
  readonly parameters: Parameters
}

/** The ranges of the page at which it reads spans one by one, and whole minutes. */
const RANGES = [{ from: '-15m', precision: 'spans', bucket_seconds: 10 }, { from: '-1h', precision: 'minutes', bucket_seconds: 60 }, { from: '-24h', precision: 'minutes', bucket_seconds: 1_800 }]

function questions (traceId: string): Question[] {
  const inRanges = (view: string, query: string, parameters: Parameters = {}, over = false): Question[] =>
    RANGES.map(({ from, bucket_seconds: seconds }) => ({ view, query, parameters: { from, ...parameters, ...(over && { bucket_seconds: seconds }) } }))
  const requests = (parameters: Parameters, over = false): Question[] =>
    RANGES.map(({ from, precision, bucket_seconds: seconds }) => ({ view: 'overview', query: 'requests', parameters: { from, precision, ...parameters, ...(over && { bucket_seconds: seconds }) } }))
  const run = { run: 'run-7000' }
  return [
    ...requests({}), ...requests({ limit: 1_000 }, true), ...requests({ by: 'route', limit: 200 }), ...requests({ by: 'route', limit: 5_000 }, true),
    ...inRanges('overview', 'traces', { status: 'error', order: 'newest', limit: 8 }), ...inRanges('overview', 'traces', { order: 'slowest', limit: 8 }),
    ...inRanges('overview', 'pipeline'), { view: 'overview', query: 'slo', parameters: { objective: 0.999 } }, { view: 'every view', query: 'services', parameters: { from: '-7d' } },
    ...inRanges('traces', 'traces'), ...inRanges('traces', 'traces', { order: 'slowest' }), ...inRanges('traces', 'traces', { route: '/v1/resource-7/:id', http_status: '5' }),
    ...inRanges('traces', 'traces', { minimum_ms: 100, service: 'service-1' }), ...inRanges('traces', 'traces', { attributes: 'organization.id=org-7' }), ...inRanges('traces', 'traces', { text: 'resource-12' }),
    { view: 'trace', query: 'trace', parameters: { trace: traceId } }, { view: 'trace', query: 'trace-logs', parameters: { trace: traceId } }, { view: 'trace', query: 'trace-links', parameters: { trace: traceId } },
    ...inRanges('runs', 'runs'), ...inRanges('runs', 'runs', { order: 'slowest' }), ...inRanges('runs', 'runs', { model: 'model-2' }), ...inRanges('runs', 'call-comparison', { by: 'model' }), ...inRanges('runs', 'call-comparison', { by: 'agent' }),
    { view: 'run', query: 'runs', parameters: { ...run, from: '-400d', limit: 1 } }, { view: 'run', query: 'run-steps', parameters: run }, { view: 'run', query: 'run-calls', parameters: run }, { view: 'run', query: 'run-tools', parameters: run },
    ...inRanges('logs', 'logs'), ...inRanges('logs', 'logs', { text: 'request 12' }), ...inRanges('logs', 'logs', { minimum_severity: 17 }), ...inRanges('logs', 'log-levels', {}, true),
    ...inRanges('metrics', 'metrics'), ...inRanges('metrics', 'metric-heatmap', { metric: 'http.server.request.duration' }, true), ...inRanges('metrics', 'metric-distribution', { metric: 'http.server.request.duration' }, true),
    ...inRanges('metrics', 'metric-attributes', { metric: 'http.server.request.duration' })
  ]
}

async function asked (backend: BackendProcess, { query, parameters }: Question): Promise<{ milliseconds: number, rows: number }> {
  const search = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
  const start = performance.now()
  const response = await fetch(`${backend.url}/api/queries/${query}?${search.toString()}`)
  const answer = await response.json() as { rows: unknown[] }
  if (response.status !== 200) throw new Error(`${query}?${search.toString()}: ${JSON.stringify(answer)}`)
  return { milliseconds: performance.now() - start, rows: answer.rows.length }
}

async function main (spans: number, rounds: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'page-latency-'))
  const backend = await startBackend(directory)
  try {
    const start = Math.floor(Date.now() / 1_000) - DAY_SECONDS
    for (const statement of fillStatements(spans)) await backend.query(statement, { param_start: String(start) })
    const stored = Number(await backend.query('SELECT count() FROM otel.otel_traces'))
    if (stored !== spans) throw new Error(`${stored} spans are stored, not ${spans}`)
    // What is merged meanwhile is merged in a day of use, too.
    await backend.query('OPTIMIZE TABLE otel.otel_traces FINAL')
    const filled = memoryOf(backend.pid)
    const traceId = (await backend.query("SELECT TraceId FROM otel.otel_traces WHERE SpanKind = 'Server' ORDER BY Timestamp DESC LIMIT 1 OFFSET 1000")).trim()
    const all: number[] = []
    for (const question of questions(traceId)) {
      const answers: Array<{ milliseconds: number, rows: number }> = []
      for (let round = 0; round < rounds; round++) answers.push(await asked(backend, question))
      const times = answers.map(({ milliseconds }) => milliseconds)
      all.push(...times)
      console.log([question.view.padEnd(10), question.query.padEnd(20), quantile(times, 0.5).toFixed(0).padStart(6), quantile(times, 0.95).toFixed(0).padStart(6), String(answers[0]!.rows).padStart(6), JSON.stringify(question.parameters)].join(' '))
    }
    console.log(JSON.stringify({
      spans: stored,
      questions: all.length / rounds,
      rounds,
      medianMs: Math.round(quantile(all, 0.5)),
      p95Ms: Math.round(quantile(all, 0.95)),
      worstMs: Math.round(Math.max(...all)),
      residentMegabytes: { filled: Math.round(filled.residentBytes / 1e6), asked: Math.round(memoryOf(backend.pid).residentBytes / 1e6), peak: Math.round(memoryOf(backend.pid).peakBytes / 1e6) }
    }, null, 2))
  } finally {
    await backend.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

await main(Number(process.argv[2] ?? 5_000_000), Number(process.argv[3] ?? 10))
