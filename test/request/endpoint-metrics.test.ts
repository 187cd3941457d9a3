import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { addContextAttribute } from '../../lib/index.ts'
import { isStanding } from '../fixtures/self-metrics.ts'
import { withFastEngine, withSdk, type Measure } from './measured-app.ts'

const messages = (app: FastifyInstance): void => {
  app.post('/v1/agents/:agent_id/messages', async () => {
    addContextAttribute('tier', 'gold')
    return { ok: true }
  })
  app.get('/v1/agents', async () => { throw new Error('down') })
}

t.test('sdk', async t => { contract(t, withSdk) })
t.test('fast', async t => { contract(t, withFastEngine) })

/** What both recorders must do. */
function contract (t: Test, measure: Measure): void {
  t.test('all three instruments, with the span\'s own duration', async t => {
    const { url, spans, metrics } = await measure(t, messages)
    await (await fetch(`${url}/v1/agents/agent-1/messages`, { method: 'POST', headers: { 'x-organization-id': 'org-1', 'x-agent-id': 'agent-1', user_id: 'user-1' } })).text()
    const [span] = await spans(1)
    const nanoseconds = span?.nanoseconds ?? 0
    const found = await metrics()

    const duration = found['http.server.request.duration']
    t.match(duration, { unit: 's', type: 'histogram', temporality: 'delta', scope: 'letta-otel' })
    t.strictSame(duration?.points[0]?.boundaries, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
    t.strictSame(duration?.points[0]?.attributes, {
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'http.route': '/v1/agents/:agent_id/messages',
      'http.response.status_code': 200
    })
    t.equal(duration?.points[0]?.sum, nanoseconds / 1e9)

    const attributes = {
      'organization.id': 'org-1',
      'agent.id': 'agent-1',
      tier: 'gold',
      endpoint_path: '/v1/agents/:agent_id/messages',
      method: 'POST',
      status_code: 200
    }
    t.match(found['hist_endpoint_e2e_ms'], { unit: 'ms', type: 'histogram' })
    t.strictSame(found['hist_endpoint_e2e_ms']?.points[0]?.attributes, attributes, 'a user id has too many values for a metric')
    t.equal(found['hist_endpoint_e2e_ms']?.points[0]?.sum, nanoseconds / 1e6)
    t.match(found['count_endpoint_requests'], { unit: '1', type: 'sum', points: [{ attributes, value: 1 }] })
    t.equal(span?.attributes['user.id'], 'user-1')
    t.equal(span?.attributes['tier'], 'gold')
  })

  t.test('errors and requests without a route', async t => {
    const { url, spans, metrics } = await measure(t, messages)
    await (await fetch(`${url}/v1/agents`)).text()
    await (await fetch(`${url}/some/secret/path`)).text()
    await spans(2)
    const found = await metrics()
    t.strictSame(found['count_endpoint_requests']?.points.map(point => point.attributes), [
      { endpoint_path: '/v1/agents', method: 'GET', status_code: 500 },
      { endpoint_path: 'unknown', method: 'GET', status_code: 404 }
    ])
    t.strictSame(found['http.server.request.duration']?.points.map(point => point.attributes['error.type']), ['Error', undefined])
    t.notOk(JSON.stringify(found).includes('secret'))
  })

  t.test('include and exclude choose endpoints; routes without a span are measured too', async t => {
    const { url, spans, metrics } = await measure(t, app => {
      app.get('/a', async () => 'a')
      app.get('/b', async () => 'b')
      app.get('/untraced', { config: { telemetry: { trace: false } } }, async () => 'c')
      app.get('/unmeasured', { config: { telemetry: { metrics: false } } }, async () => 'd')
      app.get('/nothing', { config: { telemetry: false } }, async request => ({ ...request.telemetry, nothing: request.telemetry.addAttribute('a', 1) }))
      app.get('/v1/health', async () => 'healthy')
    }, { endpointMetrics: { include: [/^GET \/(a|b|untraced)$/], exclude: ['GET /b'] } })
    for (const path of ['/a', '/b', '/untraced', '/unmeasured', '/nothing', '/v1/health']) await (await fetch(url + path)).text()
    await spans(3)
    const found = await metrics()
    t.strictSame((await spans(3)).map(span => span.name), ['GET /a', 'GET /b', 'GET /unmeasured'])
    t.strictSame(found['http.server.request.duration']?.points.map(point => point.attributes['http.route']), ['/a', '/b', '/untraced'])
    t.strictSame(found['hist_endpoint_e2e_ms']?.points.map(point => point.attributes['endpoint_path']), ['/a', '/untraced'])
  })

  t.test('no endpoint instruments at all', async t => {
    const { url, spans, metrics } = await measure(t, messages, { endpointMetrics: false })
    await (await fetch(`${url}/v1/agents`)).text()
    await spans(1)
    t.strictSame(Object.keys(await metrics()).filter(name => !isStanding({ name })), ['http.server.request.duration'])
  })

  for (const [streams, count] of [['include', 4], ['exclude', 1]] as const) {
    t.test(`event streams: ${streams}`, async t => {
      const { url, spans, metrics } = await measure(t, app => {
        app.get('/sent', (_request, reply) => reply.type('text/event-stream').send(Readable.from(['data: 1\n\n'])))
        app.get('/set', (_request, reply) => { reply.hijack(); reply.raw.setHeader('content-type', 'text/event-stream'); reply.raw.end('data: 1\n\n') })
        app.get('/written', (_request, reply) => { reply.hijack(); reply.raw.writeHead(200, { 'Content-Type': 'text/event-stream' }); reply.raw.end('data: 1\n\n') })
        app.get('/plain', async () => 'plain')
      }, { endpointMetrics: { streams } })
      for (const path of ['/sent', '/set', '/written', '/plain']) await (await fetch(url + path)).text()
      await spans(4)
      const found = await metrics()
      t.equal(found['hist_endpoint_e2e_ms']?.points.length, count)
      t.equal(found['count_endpoint_requests']?.points.length, 4)
    })
  }

  t.test('past 2,000 attribute sets one point takes the rest', async t => {
    const { app, spans, metrics } = await measure(t, app => {
      app.get('/', async request => { addContextAttribute('caller', request.headers['x-caller'] as string); return 'ok' })
    })
    for (let caller = 0; caller < 2_100; caller++) await app.inject({ url: '/', headers: { 'x-caller': String(caller) } })
    await spans(2_100)
    const points = (await metrics())['count_endpoint_requests']?.points ?? []
    t.equal(points.length, 2_000)
    const overflow = points.filter(point => point.attributes['otel.metric.overflow'] === true)
    t.equal(overflow.length, 1)
    t.equal(points.reduce((sum, point) => sum + (point.value ?? 0), 0), 2_100, 'nothing is lost')
  })

  t.test('cumulative temporality on request', async t => {
    const { url, spans, metrics } = await measure(t, messages, { temporality: 'cumulative' })
    for (let request = 1; request <= 2; request++) {
      await (await fetch(`${url}/v1/agents`)).text()
      await spans(request)
      t.match((await metrics())['count_endpoint_requests'], { temporality: 'cumulative', points: [{ value: request }] })
    }
  })
}
