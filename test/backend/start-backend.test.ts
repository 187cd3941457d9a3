import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import t from 'tap'
import { resolveBackendOptions } from '../../lib/backend/backend-options.ts'
import { closeInTime } from '../../lib/backend/close-in-time.ts'
import { openStore } from '../../lib/store/open-store.ts'
import { startBackend } from '../../lib/backend/start-backend.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runningBackend } from './running-backend.ts'
import { spansRequest } from './sample-requests.ts'

t.test('what the official exporters send is found a moment later', async t => {
  const backend = await runningBackend(t)
  const ending: Array<() => Promise<void>> = []
  const kinds = [
    ['json', JsonTraces, JsonMetrics, 'gzip'], ['protobuf', ProtobufTraces, ProtobufMetrics, 'none']
  ] as const
  for (const [name, Traces, Metrics, compression] of kinds) {
    const resource = resourceFromAttributes({ 'service.name': name })
    const settings = (signal: string): any => ({ url: `${backend.url}/v1/${signal}`, compression })
    const tracers = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: new Traces(settings('traces')) } as any)] })
    tracers.getTracer('t', '1').startSpan('work', { attributes: { 'http.route': '/x', count: 3 } }).end()
    const meters = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter: new Metrics(settings('metrics')), exportIntervalMillis: 1e6 })] })
    meters.getMeter('m').createHistogram('h').record(3, { a: 'b' })
    const sent = performance.now()
    await Promise.all([tracers.forceFlush(), meters.forceFlush()])
    await backend.flush()
    t.ok(performance.now() - sent < 5_000, `${name} is there soon`)
    t.strictSame(await backend.rows(`SELECT SpanName, ServiceName, SpanAttributes, StatusCode FROM otel_traces WHERE ServiceName = '${name}'`),
      [{ SpanName: 'work', ServiceName: name, SpanAttributes: { count: '3', 'http.route': '/x' }, StatusCode: 'Unset' }])
    t.match(await backend.rows(`SELECT MetricName, Attributes, Count, Sum FROM otel_metrics_histogram WHERE ServiceName = '${name}'`),
      [{ MetricName: 'h', Attributes: { a: 'b' }, Count: '1', Sum: 3 }])
    ending.push(async () => { await Promise.all([tracers.shutdown(), meters.shutdown()]) })
  }
  t.match(backend.figures, { received: { traces: 2, metrics: 2, logs: 0 }, written: 4, lost: { traces: 0, metrics: 0 }, waitingBytes: 0, refusedRequests: { traces: 0, metrics: 0 } })
  // Metrics are sent once more then.
  for (const end of ending) await end()
  t.strictSame(backend.problems, [])
})

t.test('without anybody asking, rows are there within a second', async t => {
  const backend = await runningBackend(t)
  await backend.send('traces', spansRequest(1))
  const sent = performance.now()
  while (backend.figures.written === 0 && performance.now() - sent < 10_000) await new Promise(resolve => { setTimeout(resolve, 20) })
  t.equal(backend.figures.written, 1)
  t.ok(backend.figures.lagMs < 5_000)
  t.match(await backend.rows('SELECT count() AS rows FROM otel_traces'), [{ rows: '1' }])
})

t.test('what was taken before it was closed is there for the next', async t => {
  const path = temporaryDirectory(t)
  const first = await runningBackend(t, { path })
  await first.send('traces', spansRequest(50))
  await first.close()
  await first.close()
  const second = await runningBackend(t, { path })
  t.match(await second.rows('SELECT count() AS rows FROM otel_traces'), [{ rows: '50' }])
})

t.test('closing waits for answers, but not for ever', async t => {
  const asked = Promise.withResolvers<void>()
  const server = createServer(() => { asked.resolve() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).then(() => 'answered', () => 'cut')
  await asked.promise
  await closeInTime(server, async () => { await new Promise(resolve => { server.close(resolve) }) }, 10)
  t.equal(await answer, 'cut')
})

t.test('a port that is in use is said, and the directory is free again', async t => {
  const path = temporaryDirectory(t)
  const first = await runningBackend(t, { path })
  const port = Number(new URL(first.url).port)
  const clickhousePort = Number(new URL(first.clickhouseUrl).port)
  await t.rejects(startBackend({ path, port, clickhousePort: 0 }), { code: 'LETTA_OTEL_PORT_IN_USE', message: `127.0.0.1:${port} is in use by another process: end it, or choose another port with --port` })
  await t.rejects(startBackend({ path, port: 0, clickhousePort }), { code: 'LETTA_OTEL_PORT_IN_USE', message: /--clickhouse-port/ })
  await first.close()
  const without = await startBackend({ path, port: 0, clickhousePort: false })
  t.equal(without.clickhouseUrl, undefined)
  await without.close()
})

t.test('days are those of new tables, and of old ones when they are given', async t => {
  const path = temporaryDirectory(t)
  const days = async (options: { days?: number }): Promise<unknown> => {
    const backend = await runningBackend(t, { path, ...options })
    const [table] = await backend.rows<{ ddl: string }>("SELECT engine_full AS ddl FROM system.tables WHERE database = 'otel' AND name = 'otel_traces'")
    await backend.close()
    return /toIntervalDay\((\d+)\)/.exec(table!.ddl)?.[1]
  }
  t.equal(await days({}), '7')
  t.equal(await days({ days: 30 }), '30')
  t.equal(await days({}), '30')
  t.equal(await days({ days: 2 }), '2')
})

t.test('an engine that was opened with more rights is not shared', async t => {
  const path = temporaryDirectory(t)
  const store = await openStore({ path, migrate: false })
  await t.rejects(startBackend({ path, port: 0, clickhousePort: 0 }), { code: 'LETTA_OTEL_STORE_UNAVAILABLE', message: /more rights than clients may have/ })
  await store.close()
  await (await startBackend({ path, port: 0, clickhousePort: 0 })).close()
})

t.test('options that cannot work are refused', async t => {
  const refused = [{ path: '' }, { host: '0.0.0.0' }, { host: '::' }, { host: '0.0.0.0', token: 'short' }, { port: -1 }, { port: 1.5 }, { clickhousePort: 70_000 }, { days: 0 }, { maxBytes: NaN }, { memoryBytes: 1 }]
  for (const options of refused) t.throws(() => resolveBackendOptions({ path: 'x', ...options }), { code: 'LETTA_OTEL_INVALID_OPTION' }, JSON.stringify(options))
  t.match(resolveBackendOptions({ path: 'x' }), { host: '127.0.0.1', port: 4_318, clickhousePort: 8_123, days: 7, changesDays: false, maxBytes: 5e9, token: undefined })
  t.match(resolveBackendOptions({ path: 'x', host: '::1', clickhousePort: false }), { host: '::1', clickhousePort: false })
  t.match(resolveBackendOptions({ path: 'x', host: '0.0.0.0', token: 'a-token-of-sixteen' }), { host: '0.0.0.0' })
})

t.test('what it received and refused is a metric of its own, and not one of what it received', async t => {
  const path = temporaryDirectory(t)
  const backend = await runningBackend(t, { path, ownMetricsIntervalMs: 20 })
  const body = JSON.parse(spansRequest(3))
  body.resourceSpans[0].scopeSpans[0].spans[0].spanId = 'abcd'
  t.equal((await backend.send('traces', JSON.stringify(body))).status, 200)
  const pipeline = async () => (await (await fetch(`${backend.url}/api/queries/pipeline`)).json() as { rows: Array<Record<string, unknown>> }).rows
  let rows = await pipeline()
  while (rows[0]!['received'] !== 2 || rows[0]!['stored'] !== 2) {
    await new Promise(resolve => { setTimeout(resolve, 20) })
    rows = await pipeline()
  }
  t.match(rows[0], { signal: 'spans', received: 2, refused: 1, refused_requests: 0, dropped: 0 })
  t.equal(rows[2]!['received'], null, 'its own points are not counted')
  t.equal((await backend.send('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'last' } }] }] }] }))).status, 200)
  await backend.close()
  const again = await runningBackend(t, { path })
  t.strictSame(await again.rows("SELECT MetricName, Value FROM otel_metrics_sum WHERE MetricName LIKE '%log%'"), [{ MetricName: 'otelcol_receiver_accepted_log_records', Value: 1 }])
})
