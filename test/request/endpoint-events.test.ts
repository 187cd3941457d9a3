import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import Fastify, { type FastifyInstance } from 'fastify'
import lettaOtel from '../../lib/index.ts'
import { recordOf } from '../../lib/request/request-record.ts'
import { metrics as metricsInMemory, type CollectedMetric } from '../../lib/testing.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import { withFastEngine, withSdk, type Measure, type MeasuredApp } from './measured-app.ts'

const STANDING = ['http.server.active_requests', 'in_flight_foreground', 'sse_active_sessions']

/** Streams that their client ends, one that ends by itself, and requests that take too long. */
function routes (app: FastifyInstance): void {
  // Whatever ends a response, its request has been recorded when this is heard.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.raw.once('close', () => { app.server.emit('answered') })
    done()
  })
  app.get('/flushed', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.flushHeaders()
  })
  app.get('/written', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('content-type', 'text/event-stream')
    reply.raw.write('data: 1\n\n')
  })
  app.get('/complete', (_request, reply) => {
    reply.hijack()
    reply.raw.setHeader('content-type', 'text/event-stream')
    reply.raw.write('data: 1\n\n')
    reply.raw.end('data: [DONE]\n\n')
  })
  app.get('/json', async () => ({ ok: true }))
  app.get('/slow', { handlerTimeout: 20 }, async () => await new Promise(() => {}))
  app.get('/waits', async () => await new Promise(() => {}))
  app.get('/unmeasured', { config: { telemetry: { metrics: false } } }, async () => await new Promise(() => {}))
}

/** A client of one request, once the server has it; `answered` waits for the first of its answer. */
async function request (t: Test, { url, app }: MeasuredApp, path: string, answered = true): Promise<Socket> {
  const arrived = once(app.server, 'request')
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => { socket.destroy() })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await arrived
  if (answered) await once(socket, 'data')
  return socket
}

/** Does something, and waits until that has ended so many requests. */
async function untilEnded (app: FastifyInstance, count: number, act: () => unknown): Promise<void> {
  let ended = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const note = (): void => { if (++ended === count) resolve() }
  app.server.on('answered', note)
  await act()
  await promise
  app.server.off('answered', note)
}

type Points = Record<string, ReadonlyArray<readonly [attributes: Readonly<Record<string, unknown>>, value: number | undefined]>>

/** Values of counters, and how often histograms were recorded on, by path. */
function pointsOf (found: Readonly<Record<string, CollectedMetric>>, names: readonly string[]): Points {
  const byPath = (point: { attributes: Readonly<Record<string, unknown>> }): string => String(point.attributes['endpoint_path'])
  return Object.fromEntries(names.flatMap(name => found[name] === undefined
    ? []
    : [[name, found[name].points.toSorted((a, b) => byPath(a).localeCompare(byPath(b)))
        .map(({ attributes, value, count }) => [attributes, value ?? count] as const)]]))
}

async function points ({ metrics }: MeasuredApp, names: readonly string[]): Promise<Points> {
  return pointsOf(await metrics(), names)
}

const ENDED = ['request_timeout_total', 'sse_duration_ms', 'sse_disconnect_total']
const GET = { 'http.request.method': 'GET', 'url.scheme': 'http' }
const of = (path: string, status?: number): Record<string, unknown> => (
  { endpoint_path: path, method: 'GET', ...status !== undefined && { status_code: status } })

function contract (t: Test, measure: Measure): void {
  t.test('event streams, while they last and when they end', async t => {
    const measured = await measure(t, routes)
    const clients = [await request(t, measured, '/flushed'), await request(t, measured, '/written'), await request(t, measured, '/waits', false)]
    await (await fetch(`${measured.url}/json`)).text()
    t.strictSame(await points(measured, STANDING), {
      'http.server.active_requests': [[GET, 3]], in_flight_foreground: [[{}, 3]], sse_active_sessions: [[{}, 2]]
    })
    await untilEnded(measured.app, 4, async () => {
      for (const client of clients) client.resetAndDestroy()
      await (await fetch(`${measured.url}/complete`)).text()
    })
    const found = await measured.metrics()
    t.match(found['sse_duration_ms'], { type: 'histogram', unit: 'ms', temporality: 'delta', scope: 'letta-otel' })
    t.match(found['sse_disconnect_total'], { type: 'sum', unit: '1' })
    t.strictSame(pointsOf(found, ENDED), {
      sse_duration_ms: ['/complete', '/flushed', '/written'].map(path => [of(path, 200), 1]),
      sse_disconnect_total: ['/flushed', '/written'].map(path => [{ ...of(path, 200), reason: 'client_disconnected' }, 1])
    })
    t.match(found['http.server.active_requests'], { type: 'sum', unit: '{request}', points: [{ attributes: GET, value: 0 }] })
    t.match(found['sse_active_sessions'], { type: 'sum', unit: '1', points: [{ value: 0 }] })
  })

  t.test('time-outs of handlers and of sockets', async t => {
    const measured = await measure(t, routes)
    await untilEnded(measured.app, 2, async () => {
      t.equal((await fetch(`${measured.url}/slow`)).status, 503)
      measured.app.server.once('request', ({ socket }: { socket: Socket }) => { socket.setTimeout(10) })
      await request(t, measured, '/waits', false)
    })
    const expected = [[of('/slow', 503), 1], [of('/waits'), 1]] as const
    t.strictSame(await points(measured, ENDED), { request_timeout_total: expected })
  })

  t.test('many at once come and go', async t => {
    const measured = await measure(t, routes)
    const clients = await Promise.all(Array.from({ length: 50 }, async () => {
      const socket = connect(Number(new URL(measured.url).port), '127.0.0.1')
      socket.on('error', () => {})
      t.teardown(() => { socket.destroy() })
      socket.write('GET /written HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(socket, 'data')
      return socket
    }))
    await Promise.all(Array.from({ length: 50 }, async () => await (await fetch(`${measured.url}/json`)).text()))
    t.match(await points(measured, STANDING), { in_flight_foreground: [[{}, 50]], sse_active_sessions: [[{}, 50]] })
    await untilEnded(measured.app, 20, () => { clients.splice(0, 20).forEach(client => { client.destroy() }) })
    t.match(await points(measured, STANDING), { in_flight_foreground: [[{}, 30]], sse_active_sessions: [[{}, 30]] })
  })

  t.test('a route without metrics, and no endpoint instruments', async t => {
    const measured = await measure(t, routes, { endpointMetrics: false })
    await request(t, measured, '/unmeasured', false)
    const client = await request(t, measured, '/written')
    t.match(await points(measured, STANDING), { in_flight_foreground: [[{}, 1]] })
    await untilEnded(measured.app, 1, () => { client.destroy() })
    t.strictSame(await points(measured, ENDED), {})
  })
}

t.test('sdk', async t => { contract(t, withSdk) })
t.test('fast', async t => { contract(t, withFastEngine) })

t.test('applications of one process, one after another and at once', async t => {
  const start = async (): Promise<MeasuredApp & { stop: () => Promise<void> }> => {
    const app = Fastify({ forceCloseConnections: true })
    await app.register(lettaOtel, { destination: 'memory', serviceName: 'test', instrumentations: false })
    routes(app)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      app,
      url,
      spans: async () => [],
      metrics: async () => Object.fromEntries((await metricsInMemory()).map(metric => [metric.name, metric])),
      stop: async () => { await app.close() }
    }
  }
  const first = await start()
  await request(t, first, '/written')
  t.match(await points(first, STANDING), { in_flight_foreground: [[{}, 1]], sse_active_sessions: [[{}, 1]] })
  await first.stop()
  const second = await start()
  t.strictSame(await points(second, STANDING), {
    'http.server.active_requests': [[GET, 0]], in_flight_foreground: [[{}, 0]], sse_active_sessions: [[{}, 0]]
  }, 'what was cut off by closing is over')
  const third = await start()
  await request(t, second, '/written')
  await request(t, third, '/written')
  await request(t, third, '/waits', false)
  t.strictSame(await points(third, STANDING), {
    'http.server.active_requests': [[GET, 3]], in_flight_foreground: [[{}, 3]], sse_active_sessions: [[{}, 2]]
  }, 'once each')
  await second.stop()
  t.match(await points(third, STANDING), { in_flight_foreground: [[{}, 2]], sse_active_sessions: [[{}, 1]] })
  await third.stop()
  t.match(await points(third, STANDING), { in_flight_foreground: [[{}, 0]], sse_active_sessions: [[{}, 0]] })
})

for (const [why, options, variables] of [
  ['none are exported', { destination: 'memory' }, { OTEL_METRICS_EXPORTER: 'none' }],
  ['nothing is', { destination: 'none' }, {}]
] as const) {
  t.test(`nothing is counted where ${why}`, async t => {
    useEnvironment(variables)
    const app = Fastify()
    await app.register(lettaOtel, { ...options, serviceName: why, instrumentations: false })
    t.teardown(async () => { await app.close() })
    app.get('/', async ({ raw }) => {
      const { events, underWay } = recordOf(raw)?.settings ?? {}
      return { events: events !== undefined, underWay: underWay !== undefined }
    })
    t.strictSame((await app.inject('/')).json(), { events: false, underWay: false })
  })
}
