import { metrics, trace, type ProxyTracerProvider, type TracerProvider } from '@opentelemetry/api'
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace'
import Fastify from 'fastify'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { otlpReceiver } from '../fixtures/otlp-receiver.ts'
import { isStanding } from '../fixtures/self-metrics.ts'
import { metricsOf } from '../recorder/metric-messages.ts'
import { spansOfRequest, type DecodedSpan } from '../recorder/otlp-messages.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

/** What OpenTelemetry's own providers have beside what the API names. */
interface BasicProvider extends TracerProvider {
  forceFlush (): Promise<void>
}

/** An application that records with the fast engine, in an environment of its own. */
async function observe (t: Test, options: LettaOtelOptions, env: Record<string, string> = {}): Promise<{ app: ReturnType<typeof Fastify>, directory: string }> {
  const directory = temporaryDirectory(t)
  useEnvironment({ LETTA_DIR: directory, ...env })
  const app = Fastify()
  await app.register(lettaOtel, { engine: 'fast', destination: 'otlp', serviceName: 'fast/service', ...options })
  app.get('/agents/:id', async () => 'ok')
  app.get('/fails', async () => { throw new TypeError('no') })
  return { app, directory }
}

t.test('spans and metrics arrive in protobuf, with headers, and closing waits for them', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url, headers: { 'api-key': 'k' }, shutdownTimeoutMs: 20_000 })
  await app.inject('/agents/1')
  await app.inject('/fails')
  t.equal(await app.telemetry.flush(), true)
  t.match(app.telemetry.stats(), { spans: { exported: 2, failed: 0 } })
  t.ok(app.telemetry.stats().metrics.exported > 0)
  await app.inject('/agents/2')
  await app.close()
  const traces = receiver.received.filter(({ path }) => path === '/v1/traces')
  const spans: DecodedSpan[] = traces.flatMap(({ body }) => spansOfRequest(body))
  t.strictSame(spans.map(span => [span['name'], span['kind'], span['status'].code]), [['GET /agents/:id', 2, 0], ['GET /fails', 2, 2], ['GET /agents/:id', 2, 0]])
  t.match(spans[1]?.['events'], [{ name: 'exception' }])
  for (const { headers } of receiver.received) t.match(headers, { 'content-type': 'application/x-protobuf', 'api-key': 'k' })
  t.ok(receiver.received.some(({ path }) => path === '/v1/metrics'))
})

t.test('a histogram names the trace behind each of its buckets', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url })
  await app.inject('/agents/1')
  await app.telemetry.flush()
  const [span] = spansOfRequest((await receiver.next('/v1/traces')).body)
  const arrived = metricsOf((await receiver.next('/v1/metrics')).body).filter(metric => !isStanding(metric))
  t.strictSame(arrived.map(({ name }) => name), ['http.server.request.duration', 'hist_endpoint_e2e_ms', 'count_endpoint_requests'])
  for (const { histogram } of arrived.slice(0, 2)) {
    const [{ exemplars, sum }] = histogram.dataPoints
    t.strictSame(exemplars.map(({ asDouble, traceId, spanId }: any) => [asDouble, hexadecimal(traceId), hexadecimal(spanId)]), [[sum, span?.['traceId'], span?.['spanId']]])
  }
  await app.close()
})

t.test('OTEL_METRICS_EXEMPLAR_FILTER says which requests a histogram names', async t => {
  for (const [filter, sampler, named] of [['always_off', new AlwaysOnSampler(), 0], ['always_on', new AlwaysOffSampler(), 1], ['trace_based', new AlwaysOffSampler(), 0]] as const) {
    const receiver = await otlpReceiver()
    t.teardown(receiver.close)
    const { app } = await observe(t, { endpoint: receiver.url, sampler }, { OTEL_METRICS_EXEMPLAR_FILTER: filter })
    await app.inject('/agents/1')
    await app.close()
    const arrived = metricsOf((await receiver.next('/v1/metrics')).body).find(({ name }) => name === 'http.server.request.duration')
    t.equal((arrived.histogram.dataPoints[0].exemplars ?? []).length, named, filter)
  }
})

function hexadecimal (base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex')
}

t.test('an endpoint that is away: nothing is lost, closing is in time, and the next process brings it', async t => {
  const gone = await otlpReceiver()
  await gone.close()
  const { app, directory } = await observe(t, { endpoint: gone.url, shutdownTimeoutMs: 1_500 })
  await app.inject('/agents/1')
  const start = performance.now()
  await app.close()
  t.ok(performance.now() - start < 2_500)
  t.ok(readdirSync(join(directory, 'spool', 'fast_service')).length > 0, 'it is on the disk')
})

t.test('a metric callback that never answers costs a part of the time, and no spans', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url, shutdownTimeoutMs: 4_000 })
  await app.ready()
  const gauge = metrics.getMeter('application').createObservableGauge('stuck')
  const never = async (): Promise<void> => { await new Promise(() => {}) }
  gauge.addCallback(never)
  t.teardown(() => { gauge.removeCallback(never) })
  await app.inject('/agents/1')
  const start = performance.now()
  t.equal(await app.telemetry.flush(), false, 'metrics are missing')
  t.ok(performance.now() - start < 4_000)
  t.strictSame(spansOfRequest((await receiver.next('/v1/traces')).body).map(({ name }) => name), ['GET /agents/:id'])
  const closing = performance.now()
  await app.close()
  t.ok(performance.now() - closing < 6_000)
})

t.test('flushing through the global provider, as wrappers of serverless functions do', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url }, { OTEL_METRICS_EXPORTER: 'none' })
  await app.inject('/agents/1')
  const provider = trace.getTracerProvider() as ProxyTracerProvider
  await (provider.getDelegate() as BasicProvider).forceFlush()
  t.strictSame(receiver.received.map(({ path }) => path), ['/v1/traces'])
  await app.close()
})

t.test('a sampler is asked, and one that drops everything sends nothing', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url }, { OTEL_TRACES_SAMPLER: 'always_off' })
  await app.inject('/agents/1')
  t.equal(await app.telemetry.flush(), true)
  t.match(app.telemetry.stats(), { spans: { exported: 0, failed: 0 } })
  t.notOk(receiver.received.some(({ path }) => path === '/v1/traces'))
  await app.close()
})

t.test('signals that are switched off', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url }, { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' })
  await app.inject('/agents/1')
  await app.close()
  t.strictSame(receiver.received, [])
})

t.test('the size and the age of batches, as the variables of the span processor say', async t => {
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const { app } = await observe(t, { endpoint: receiver.url, shutdownTimeoutMs: 20_000 }, { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1', OTEL_BSP_SCHEDULE_DELAY: '1' })
  for (const id of ['1', '2']) {
    await app.inject(`/agents/${id}`)
    const { length } = receiver.received
    while (receiver.received.length === length) await new Promise(setImmediate)
  }
  await app.close()
  const sizes = receiver.received.filter(({ path }) => path === '/v1/traces').map(({ body }) => spansOfRequest(body).length)
  t.strictSame(sizes, [1, 1])
})
