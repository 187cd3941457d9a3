import Fastify from 'fastify'
import t from 'tap'
import lettaOtel from '../lib/index.ts'
import { finishedSpans, metrics, reset } from '../lib/testing.ts'
import { useEnvironment } from './fixtures/environment.ts'
import { isStanding } from './fixtures/self-metrics.ts'

useEnvironment({})

t.test('with nothing in memory every function says so', async t => {
  const error = {
    code: 'LETTA_OTEL_NOT_IN_MEMORY',
    message: "no telemetry is kept in memory: register letta-otel with { destination: 'memory' }, or run under NODE_ENV=test, before reading it"
  }
  t.throws(() => finishedSpans(), error)
  await t.rejects(metrics(), error)
  await t.rejects(reset(), error)

  const app = Fastify()
  await app.register(lettaOtel, { destination: 'none' })
  t.throws(() => finishedSpans(), error)
  await app.close()
})

t.test('spans and metrics of an application, under NODE_ENV=test without an option', async t => {
  process.env['NODE_ENV'] = 'test'
  const app = Fastify()
  await app.register(lettaOtel)
  app.get('/hello', async () => 'hello')
  await app.inject('/hello')
  await app.inject('/hello')
  t.strictSame(finishedSpans().map(({ name, kind }) => [name, kind]), [['GET /hello', 'SERVER'], ['GET /hello', 'SERVER']])
  const found = (await metrics()).filter(metric => !isStanding(metric))
  t.strictSame(found.map(({ name, unit, type, temporality, points }) => [name, unit, type, temporality, points.length]), [
    ['http.server.request.duration', 's', 'histogram', 'delta', 1],
    ['hist_endpoint_e2e_ms', 'ms', 'histogram', 'delta', 1],
    ['count_endpoint_requests', '1', 'sum', 'delta', 1]
  ])
  t.match(found[2]?.points, [{ attributes: { endpoint_path: '/hello', method: 'GET', status_code: 200 }, value: 2 }])

  await app.inject('/hello')
  await reset()
  t.strictSame(finishedSpans(), [])
  await app.inject('/hello')
  t.equal(finishedSpans().length, 1)
  await app.close()
  t.equal(finishedSpans().length, 1, 'what was recorded can be read after closing')
})

t.test('without metrics there are none to read or to forget', async t => {
  useEnvironment({ OTEL_METRICS_EXPORTER: 'none' })
  for (const engine of ['fast', 'sdk'] as const) {
    const app = Fastify()
    await app.register(lettaOtel, { destination: 'memory', engine, serviceName: engine })
    app.get('/hello', async () => 'hello')
    await app.inject('/hello')
    t.equal(finishedSpans().length, 1)
    t.strictSame(await metrics(), [])
    await reset()
    t.strictSame(finishedSpans(), [])
    await app.close()
  }
})
