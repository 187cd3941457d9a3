import { createHash } from 'node:crypto'
import type { Engine } from '../../lib/store/engine.ts'
import { jsonLines, sampleTelemetry } from '../fixtures/sample-telemetry.ts'
import { generatedMetrics } from './generated-metrics.ts'

const MINUTE = 60_000

/** Telemetry of the last minutes whose every number is known. */
export interface Generated {
  /** Milliseconds since the epoch: a whole minute, before which nothing is. */
  readonly start: number
  /** Requests of `GET /v1/agents`: so many each minute for ten minutes, of which one is not found and, in the last minute, half fail. */
  readonly listed: { readonly requests: number, readonly notFound: number, readonly failed: number, readonly durationMs: number }
  /** Agents' runs that are requests too. */
  readonly runs: { readonly requests: number, readonly failed: number }
  readonly large: { readonly traceId: string, readonly spans: number }
  /** A trace over two services, with an exception, a link, and three log lines. */
  readonly broken: { readonly traceId: string, readonly linkedTraceId: string }
  readonly logs: { readonly error: number, readonly warn: number }
  readonly tool: { readonly run: string, readonly name: string }
}

export const traceIdOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32)
export const spanIdOf = (name: string): string => traceIdOf(name).slice(0, 16)

/** ClickHouse's own way to say a time with its fraction. */
export function atMs (milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(9)
}

interface SpanShape {
  trace: string
  name: string
  start: number
  ms: number
  id: string
  parent?: string
  kind?: string
  service?: string
  failed?: boolean
  attributes?: Record<string, string>
  more?: Record<string, unknown>
}

export function span ({ trace, name, start, ms, id, parent, kind = 'Internal', service = 'agent-server', failed = false, attributes = {}, more = {} }: SpanShape): object {
  return {
    Timestamp: atMs(start),
    TraceId: traceIdOf(trace),
    SpanId: spanIdOf(`${trace} ${id}`),
    ParentSpanId: parent === undefined ? '' : spanIdOf(`${trace} ${parent}`),
    SpanName: name,
    SpanKind: kind,
    ServiceName: service,
    ResourceAttributes: { 'service.name': service, 'host.name': 'generated' },
    SpanAttributes: attributes,
    Duration: String(Math.round(ms * 1e6)),
    StatusCode: failed ? 'Error' : 'Unset',
    ...more
  }
}

function request (index: number, start: number, ms: number, status: number): object {
  return span({
    trace: `list ${index}`,
    id: 'root',
    name: 'GET /v1/agents',
    start,
    ms,
    kind: 'Server',
    failed: status >= 500,
    attributes: { 'http.request.method': 'GET', 'http.route': '/v1/agents', 'http.response.status_code': String(status), 'url.path': '/v1/agents', 'request.number': String(index) }
  })
}

function broken (start: number): object[] {
  const exception = {
    'exception.type': 'ConnectionRefused', 'exception.message': 'connect ECONNREFUSED 127.0.0.1:5432', 'exception.stacktrace': 'ConnectionRefused: connect\n    at pool.connect (pool.ts:7:3)'
  }
  return [
    span({
      trace: 'broken',
      id: 'root',
      name: 'DELETE /v1/agents/:agent_id',
      start,
      ms: 400,
      kind: 'Server',
      failed: true,
      attributes: { 'http.request.method': 'DELETE', 'http.route': '/v1/agents/:agent_id', 'http.response.status_code': '503', 'user.id': 'user-7' },
      more: { StatusMessage: 'database away', 'Links.TraceId': [traceIdOf('list 0')], 'Links.SpanId': [spanIdOf('list 0 root')], 'Links.TraceState': [''], 'Links.Attributes': [{}] }
    }),
    span({ trace: 'broken', id: 'check', parent: 'root', name: 'AgentService.check', start: start + 10, ms: 90 }),
    span({
      trace: 'broken',
      id: 'query',
      parent: 'root',
      name: 'DELETE agents',
      start: start + 120,
      ms: 250,
      kind: 'Client',
      service: 'database-proxy',
      failed: true,
      more: { 'Events.Timestamp': [atMs(start + 360)], 'Events.Name': ['exception'], 'Events.Attributes': [exception] }
    })
  ]
}

/** One root, below it groups of ten: the first of a group is the parent of the other nine. */
function large (start: number, spans: number): object[] {
  return Array.from({ length: spans }, (_, index) => {
    const first = index - (index - 1) % 10
    if (index === 0) return span({ trace: 'large', id: '0', name: 'job import', start, ms: spans, kind: 'Consumer' })
    return span({ trace: 'large', id: String(index), parent: String(first === index ? 0 : first), name: `import.item ${index}`, start: start + index, ms: first === index ? 9.5 : 0.9 })
  })
}

function logLine (trace: string, start: number, severity: string, number: number, body: string, attributes: Record<string, string> = {}): object {
  return {
    Timestamp: atMs(start),
    TraceId: trace === '' ? '' : traceIdOf(trace),
    SpanId: trace === '' ? '' : spanIdOf(`${trace} root`),
    SeverityText: severity,
    SeverityNumber: number,
    ServiceName: 'agent-server',
    Body: body,
    ResourceAttributes: { 'service.name': 'agent-server' },
    LogAttributes: attributes
  }
}

/** Writes it all, and says what there is. */
export async function generate (engine: Engine, { now = Date.now(), large: spans = 5_000 } = {}): Promise<Generated> {
  const start = Math.floor(now / MINUTE) * MINUTE - 13 * MINUTE
  const tables = sampleTelemetry({ start: BigInt(start) * 1_000_000n, organizations: ['org-1'] })
  const rows: Record<string, object[]> = { ...tables }
  for (const [table, more] of Object.entries(generatedMetrics(start))) rows[table] = [...rows[table] ?? [], ...more]
  const [traces, logs] = [rows['otel_traces']!, rows['otel_logs']!]
  const perMinute = 30
  const listed = { requests: perMinute * 10, notFound: 10, failed: perMinute / 2, durationMs: 20 }
  for (let index = 0; index < listed.requests; index++) {
    const minute = Math.floor(index / perMinute)
    const place = index % perMinute
    const status = place === perMinute - 1 ? 404 : minute === 9 && place < perMinute / 2 ? 500 : 200
    traces.push(request(index, start + minute * MINUTE + place * 2_000, listed.durationMs, status))
  }
  traces.push(...broken(start + 9 * MINUTE + 30_000), ...large(start + 8 * MINUTE, spans))
  const lines = { error: 5, warn: 7 }
  logs.push(logLine('broken', start + 9 * MINUTE + 30_050, 'info', 9, 'deleting agent'), logLine('broken', start + 9 * MINUTE + 30_380, 'error', 17, 'database away', { 'error.code': 'ECONNREFUSED' }))
  for (let index = 1; index < lines.error; index++) logs.push(logLine('', start + index * MINUTE, 'error', 17, `worker ${index} failed`, { worker: String(index) }))
  for (let index = 0; index < lines.warn; index++) logs.push(logLine('', start + index * MINUTE + 500, 'warn', 13, 'slow provider', { provider: 'acme', attempt: String(index) }))
  const run = 'run-org-1-0-9'
  const { trace_id: traceOfRun } = tables.run_metrics.find(({ id }) => id === run)!
  traces.push({
    ...span({
      trace: 'tool',
      id: 'tool',
      name: 'execute_tool search',
      start: start + 9 * MINUTE + 2_000,
      ms: 1_500,
      attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search', 'run.id': run, 'step.id': 'step-org-1-0-9-0', 'letta.outcome': 'ok', 'organization.id': 'org-1' }
    }),
    TraceId: traceOfRun,
    ParentSpanId: traceOfRun.slice(0, 16)
  })
  for (const [table, all] of Object.entries(rows)) if (all.length > 0) await engine.insert(table, jsonLines(all), all.length)
  return {
    start,
    listed,
    runs: { requests: 20, failed: 2 },
    large: { traceId: traceIdOf('large'), spans },
    broken: { traceId: traceIdOf('broken'), linkedTraceId: traceIdOf('list 0') },
    logs: lines,
    tool: { run, name: 'search' }
  }
}
