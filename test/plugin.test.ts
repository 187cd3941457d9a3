import { trace } from '@opentelemetry/api'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../lib/index.ts'
import { finishedSpans, metrics, reset } from '../lib/testing.ts'
import { lettaDirectory, useEnvironment } from './fixtures/environment.ts'
import { captureLog } from './fixtures/log-lines.ts'
import { libUrl, runScript } from './fixtures/node-process.ts'
import { otlpMetrics, otlpReceiver, otlpSpans, type OtlpReceiver } from './fixtures/otlp-receiver.ts'
import { isSelfMetric, isStanding } from './fixtures/self-metrics.ts'
import { figures } from './fixtures/signal-stats.ts'

useEnvironment({})
t.beforeEach(() => { useEnvironment({}) })

async function start (t: Test, options: LettaOtelOptions = {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, ...options })
  app.get('/hello', async request => ({ traceId: request.telemetry.traceId }))
  return app
}

t.test('one line, and an application is observed', async t => {
  const app = await start(t)
  const { traceId } = (await app.inject('/hello')).json()
  t.match(finishedSpans(), [{ name: 'GET /hello', kind: 'SERVER', traceId, attributes: { 'http.response.status_code': 200 } }])
  t.equal((await metrics()).filter(metric => !isStanding(metric)).length, 3)
  t.ok(app.hasDecorator('telemetry'))
  t.ok(app.hasRequestDecorator('telemetry'))
  t.ok(app.hasPlugin('letta-otel'))
})

t.test('registering twice on one application is refused', async t => {
  const app = await start(t)
  await t.rejects(async () => { await app.register(lettaOtel) }, {
    code: 'LETTA_OTEL_ALREADY_REGISTERED',
    message: 'letta-otel is already registered on this application: register it once, on the root instance, before other plugins'
  })
  const other = Fastify()
  await other.register(lettaOtel, { destination: 'memory', instrumentations: false })
  await t.rejects(async () => {
    await other.register(async child => { await child.register(lettaOtel) })
  }, { code: 'LETTA_OTEL_ALREADY_REGISTERED' }, 'in a child plugin too')
  await other.close()
})

t.test('a bad option stops the start, and nothing runs', async t => {
  const app = Fastify()
  await t.rejects(async () => { await app.register(lettaOtel, { serviceNmae: 'a' } as LettaOtelOptions) }, { code: 'LETTA_OTEL_INVALID_OPTION', message: /^letta-otel option "serviceNmae" cannot be "a": unknown; use one of serviceName, / })
})

t.test('Fastify\'s own options of register() are let through', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, prefix: '/x', logLevel: 'warn' } as LettaOtelOptions)
  t.ok(app.telemetry)
})

t.test('OTEL_SDK_DISABLED: everything is there and nothing happens', async t => {
  useEnvironment({ OTEL_SDK_DISABLED: 'true' })
  const { promise: hooks, resolve } = Promise.withResolvers<void>()
  const app = await start(t, { destination: 'otlp', endpoint: 'http://127.0.0.1:1' })
  app.get('/deep', async request => {
    request.telemetry.addAttribute('a', 1)
    resolve()
    return { traceId: request.telemetry.traceId ?? null, recording: request.telemetry.span.isRecording() }
  })
  t.strictSame((await app.inject('/deep')).json(), { traceId: null, recording: false })
  await hooks
  t.equal(await app.telemetry.flush(), true)
  t.match(app.telemetry.stats(), { spans: { exported: 0, failed: 0 }, metrics: { exported: 0, failed: 0 }, logFileDroppedBytes: 0 })
})

/** Metrics in the order of their arrival. */
function metricsAt (receiver: OtlpReceiver): any[] {
  return receiver.received.filter(({ path }) => path === '/v1/metrics').flatMap(({ json }) => otlpMetrics(json))
}

function ownNames (metrics: Array<{ name: string }>): string[] {
  return metrics.filter(metric => !isStanding(metric)).map(({ name }) => name).sort()
}

t.test('flush and stats of an application; closing sends the rest', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const app = await start(t, { destination: 'otlp', endpoint: receiver.url, shutdownTimeoutMs: 20_000 })
  await app.inject('/hello')
  t.equal(await app.telemetry.flush(), true)
  const atOnce = metricsAt(receiver)
  const points = atOnce.reduce((sum, { histogram, sum: counter, gauge }) => sum + (histogram ?? counter ?? gauge).dataPoints.length, 0)
  t.match(app.telemetry.stats(), { spans: { exported: 1, failed: 0 }, metrics: { exported: points, failed: 0 } })
  t.strictSame(ownNames(atOnce), ['count_endpoint_requests', 'hist_endpoint_e2e_ms', 'http.server.request.duration'])
  t.ok(atOnce.some(isSelfMetric))
  await app.inject('/hello')
  await app.close()
  const spans = receiver.received.filter(({ path }) => path === '/v1/traces').flatMap(({ json }) => otlpSpans(json))
  t.strictSame(spans.map(({ name }) => name), ['GET /hello', 'GET /hello'])
  t.strictSame(ownNames(metricsAt(receiver).slice(atOnce.length)), ['count_endpoint_requests', 'hist_endpoint_e2e_ms', 'http.server.request.duration'])
})

t.test('a collector that is away is reported once, through the application\'s log', async t => {
  useEnvironment({ LETTA_DIR: lettaDirectory() })
  const receiver = await otlpReceiver()
  await receiver.close()
  const log = captureLog()
  const app = Fastify({ logger: { stream: log.stream } }) as unknown as FastifyInstance
  await app.register(lettaOtel, { endpoint: receiver.url, instrumentations: false, shutdownTimeoutMs: 500 })
  app.get('/', async () => 'ok')
  for (let n = 0; n < 3; n++) {
    t.equal((await app.inject('/')).statusCode, 200)
    t.equal(await app.telemetry.flush(), false)
  }
  await app.close()
  const warnings = log.lines.filter(({ level }) => level === 40).map(({ msg }) => msg)
  t.strictSame(warnings.sort(), ['metrics', 'traces'].map(signal => `${signal} cannot be sent to ${receiver.url}/v1/${signal} (ECONNREFUSED)`))
  const { spans } = app.telemetry.stats()
  t.ok(spans.retried > 0)
  t.strictSame(spans, figures({ spooled: 3, retried: spans.retried }), 'it is on the disk')
})

t.test('closing is bounded where the endpoint accepts and never answers', async t => {
  useEnvironment({ OTEL_EXPORTER_OTLP_TIMEOUT: '1000', LETTA_DIR: lettaDirectory() })
  const receiver = await otlpReceiver(() => {})
  t.teardown(async () => { await receiver.close() })
  const app = await start(t, { destination: 'otlp', endpoint: receiver.url, shutdownTimeoutMs: 100 })
  await app.inject('/hello')
  const begun = performance.now()
  await app.close()
  const took = performance.now() - begun
  t.ok(took >= 95 && took < 800, `${took} ms`)
})

t.test('two applications share one runtime, each with settings of its own', async t => {
  const first = await start(t, { exclude: [] })
  const second = await start(t, { exclude: ['/hello'] })
  await reset()
  await first.inject('/hello')
  await second.inject('/hello')
  t.equal(finishedSpans().length, 1)
  await t.rejects(start(t, { temporality: 'cumulative' }), {
    code: 'LETTA_OTEL_RUNTIME_CONFLICT', message: /"temporality" cannot be "cumulative": telemetry of this process already runs with "delta"/
  })
})

t.test('an application after another goes on with the runtime, and with what was taken from it', async t => {
  const before = await start(t, { serviceName: 'rejoined' })
  const tracer = trace.getTracer('module')
  await before.close()
  const after = await start(t, { serviceName: 'rejoined' })
  await reset()
  tracer.startSpan('of a module').end()
  await after.inject('/hello')
  t.strictSame(finishedSpans().map(({ name, resource }) => [name, resource['service.name']]), [['of a module', 'rejoined'], ['GET /hello', 'rejoined']])
})

t.test('warnings about the environment go to the log', async t => {
  useEnvironment({ OTEL_TRACES_SAMPLER: 'jaeger_remote' })
  const log = captureLog()
  const app = Fastify({ logger: { stream: log.stream } }) as unknown as FastifyInstance
  t.teardown(async () => { await app.close() })
  await app.register(lettaOtel, { destination: 'memory', instrumentations: false, serviceName: 'warned' })
  t.match(log.lines.map(({ msg }) => msg), [/^environment variable OTEL_TRACES_SAMPLER is ignored: "jaeger_remote" is not one of: /])
})

t.test('a process ends by itself soon after its application was closed', async t => {
  const receiver = await otlpReceiver()
  t.teardown(async () => { await receiver.close() })
  const { code, stderr, stdout } = await runScript(`
    import Fastify from 'fastify'
    import lettaOtel from '${libUrl('index.ts')}'
    const app = Fastify()
    await app.register(lettaOtel, { endpoint: '${receiver.url}' })
    app.get('/', async () => 'ok')
    await app.listen({ port: 0, host: '127.0.0.1' })
    await (await fetch(app.listeningOrigin)).text()
    await app.close()
    const closed = performance.now()
    process.on('exit', () => {
      process.stdout.write(JSON.stringify({ spans: app.telemetry.stats().spans, milliseconds: performance.now() - closed }))
    })
  `)
  t.strictSame([code, stderr], [0, ''])
  const { spans, milliseconds } = JSON.parse(stdout)
  t.match(spans, { exported: 2, failed: 0 })
  // Loading took its time on a busy machine; nothing is left to be done now. Whatever is forgotten to be let go of takes longer.
  t.ok(milliseconds < 4_000, `${milliseconds} ms after it was closed`)
  t.strictSame(otlpSpans((await receiver.next('/v1/traces')).json).map(({ name, kind }) => [name, kind]).sort(), [['GET /', 2], ['GET', 3]])
})

t.test('a registration that fails lets go of the runtime', async t => {
  const app = Fastify()
  app.decorate('telemetry', 'mine' as never)
  await t.rejects(async () => await app.register(lettaOtel, { destination: 'memory', serviceName: 'one' }), { code: 'FST_ERR_DEC_ALREADY_PRESENT' })
  await app.close()
  const next = Fastify()
  await next.register(lettaOtel, { destination: 'memory', serviceName: 'two' })
  await next.close()
})

t.test('what is recorded leaves when closing begins, however long connections stay open', async t => {
  // Nothing leaves by itself.
  useEnvironment({ OTEL_BSP_SCHEDULE_DELAY: '600000' })
  const receiver = await otlpReceiver()
  t.teardown(receiver.close)
  const app = Fastify()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await app.register(lettaOtel, { endpoint: receiver.url })
  app.get('/', async () => 'ok')
  app.addHook('preClose', async () => { await released })
  await app.ready()
  await app.inject('/')
  const closed = app.close()
  await receiver.next('/v1/traces')
  release()
  await closed
})
