import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { connect as connectHttp2 } from 'node:http2'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { context, propagation, trace } from '@opentelemetry/api'
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import lettaOtel, { type LettaOtelOptions } from '../../lib/index.ts'
import { finishedSpans, metrics } from '../../lib/testing.ts'
import { useEnvironment } from '../fixtures/environment.ts'
import type { DecodedSpan } from '../recorder/otlp-messages.ts'
import { ENGINES, attributesOf, exportingApp } from './exporting-app.ts'
import { observedApp, until } from './observed-app.ts'

const OFF = { OTEL_TRACES_SAMPLER: 'always_off' }
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const UNSAMPLED = { traceparent: `00-${TRACE}-b7ad6b7169203331-00` }
const ERRORS: LettaOtelOptions = { keep: { errors: true } }

function routes (app: FastifyInstance): void {
  app.get('/agents/:id', async () => 'ok')
  app.get('/fails/:id', async request => {
    request.telemetry.addAttribute('mine', 1)
    trace.getTracer('inside').startActiveSpan('inside', span => { span.end() })
    throw new TypeError('no')
  })
  app.get('/slow', async () => { await wait(60); return 'ok' })
  app.get('/times-out', { handlerTimeout: 30 }, async () => await new Promise(() => {}))
}

const names = (spans: DecodedSpan[]): string[] => spans.map(({ name }) => name).sort()

for (const engine of ENGINES) {
  t.test(`${engine}: a request that failed is kept, with all that its span would have said`, async t => {
    const headers = { 'x-organization-id': 'org-1', user_id: 'user-1', 'x-request-id': 'request-1' }
    const capture: LettaOtelOptions = { captureHeaders: { request: ['x-request-id'] } }
    const sampled = await exportingApp(t, engine, routes, capture)
    await fetch(`${sampled.url}/fails/1?token=x`, { headers })
    const reference = (await sampled.spans()).find(({ kind }) => kind === 2)
    await sampled.app.close()
    const { url, spans } = await exportingApp(t, engine, routes, { ...ERRORS, ...capture }, OFF)
    await fetch(`${url}/agents/1`)
    await fetch(`${url}/fails/1?token=x`, { headers })
    const [span, ...others] = await spans()
    t.strictSame(others, [], 'neither what went well nor what is inside')
    const { 'letta.kept': kept, ...attributes } = attributesOf(span)
    t.equal(kept, 'error')
    const changing = ['network.peer.port', 'server.port']
    const comparable = (given: Record<string, unknown>): unknown => Object.entries(given).map(([name, value]) => [name, changing.includes(name) ? typeof value : value]).sort()
    t.strictSame(comparable(attributes), comparable(attributesOf(reference)))
    t.strictSame([span?.['name'], span?.['kind'], span?.['status'], span?.['events'].length], [reference?.['name'], 2, reference?.['status'], 1])
    t.equal(span?.['flags'] & 1, 1, 'what is exported says that it is sampled')
  })

  t.test(`${engine}: what is slow, and what is not found or times out`, async t => {
    const { app, spans } = await exportingApp(t, engine, routes, { keep: { errors: true, slowerThanMs: 50 } }, OFF)
    for (const url of ['/slow', '/agents/1', '/nowhere', '/times-out']) await app.inject(url)
    const found = await spans()
    t.strictSame(found.map(span => [span['name'], attributesOf(span)['letta.kept'], attributesOf(span)['error.type']]), [
      ['GET /slow', 'slow', undefined],
      ['GET /times-out', 'error', 'FST_ERR_HANDLER_TIMEOUT']
    ])
  })

  t.test(`${engine}: each condition stands alone`, async t => {
    const slow = await exportingApp(t, engine, routes, { keep: { slowerThanMs: 50 } }, OFF)
    for (const url of ['/slow', '/fails/1']) await slow.app.inject(url)
    t.strictSame(names(await slow.spans()), ['GET /slow'])
    await slow.app.close()
    const none = await exportingApp(t, engine, routes, { keep: {} }, OFF)
    for (const url of ['/slow', '/fails/1']) await none.app.inject(url)
    t.strictSame(await none.spans(), [])
  })

  t.test(`${engine}: ids and the flag that is sent on are those of an unsampled request`, async t => {
    const seen: Array<Record<string, string>> = []
    const { app, spans } = await exportingApp(t, engine, app => {
      app.get('/fails', async request => {
        const carrier: Record<string, string> = {}
        propagation.inject(context.active(), carrier)
        seen.push({ ...carrier, traceId: request.telemetry.traceId as string, spanId: request.telemetry.spanId as string, recording: String(request.telemetry.span.isRecording()) })
        throw new Error('no')
      })
    }, ERRORS)
    await app.inject({ url: '/fails', headers: UNSAMPLED })
    const [span] = await spans()
    t.equal(span?.['traceId'], TRACE)
    t.equal(span?.['parentSpanId'], 'b7ad6b7169203331')
    t.strictSame(seen, [{ traceparent: `00-${TRACE}-${span?.['spanId']}-00`, traceId: TRACE, spanId: span?.['spanId'], recording: 'true' }])
  })

  t.test(`${engine}: what the application sets stands, whatever a header says`, async t => {
    const { app, spans } = await exportingApp(t, engine, app => {
      app.get('/secret/:name', async request => {
        request.telemetry.addAttribute('url.path', '/secret/-')
        request.telemetry.addAttribute('user.id', 'verified')
        request.telemetry.span.recordException(new RangeError('noted'))
        throw new Error('no')
      })
    }, ERRORS, OFF)
    await app.inject({ url: '/secret/x', headers: { user_id: 'claimed' } })
    const [span] = await spans()
    t.match(attributesOf(span), { 'url.path': '/secret/-', 'user.id': 'verified', 'http.route': '/secret/:name' })
    t.strictSame(span?.['events'].map(({ name }: { name: string }) => name), ['exception', 'exception'])
  })

  t.test(`${engine}: a span that is full is kept too`, async t => {
    const { app, spans } = await exportingApp(t, engine, app => {
      app.get('/fails', async request => {
        request.telemetry.span.setAttributes({ a: 1, b: 2 })
        throw new Error('no')
      })
    }, ERRORS, { ...OFF, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2' })
    await app.inject('/fails')
    const [span] = await spans()
    t.strictSame(attributesOf(span), { a: '1', b: '2' })
    t.ok(span?.['droppedAttributesCount'] > 0)
  })

  t.test(`${engine}: a route's ratio and keep go together`, async t => {
    const { app, spans } = await exportingApp(t, engine, app => {
      app.get('/fails', { config: { telemetry: { sampleRatio: 0 } } }, async () => { throw new Error('no') })
      app.get('/works', { config: { telemetry: { sampleRatio: 0 } } }, async () => 'ok')
      app.get('/untraced', { config: { telemetry: { trace: false } } }, async () => { throw new Error('no') })
      app.get('/sampled', async () => { throw new Error('no') })
    }, ERRORS)
    for (const url of ['/fails', '/works', '/untraced', '/sampled']) await app.inject(url)
    const found = await spans()
    t.strictSame(found.map(span => [span['name'], attributesOf(span)['letta.kept']]), [['GET /fails', 'error'], ['GET /sampled', undefined]])
  })

  t.test(`${engine}: a sampler of the application's sees attributes, and what it refuses may be kept`, async t => {
    const seen: unknown[] = []
    const sampler = new AlwaysOffSampler()
    const { app, spans } = await exportingApp(t, engine, routes, {
      ...ERRORS,
      sampler: { shouldSample (_context, _traceId, _name, _kind, attributes) { seen.push(attributes['url.path']); return sampler.shouldSample() }, toString: () => 'Mine' }
    })
    await app.inject('/fails/1')
    t.same(seen, ['/fails/1', undefined], 'of the request, and of the span inside')
    const [span, ...others] = await spans()
    t.match(attributesOf(span), { 'letta.kept': 'error', 'url.path': '/fails/1', 'http.response.status_code': '500' })
    t.strictSame(others, [])
  })

  t.test(`${engine}: a request is described when it is sampled, or when it is kept, and else not at all`, async t => {
    for (const [env, path, times] of [[{}, '/agents/1', 1], [OFF, '/agents/1', 0], [OFF, '/fails/1', 1]] as Array<[Record<string, string>, string, number]>) {
      let reads = 0
      const { app, url, spans } = await exportingApp(t, engine, app => {
        app.server.prependListener('request', ({ headers }) => {
          Object.defineProperty(headers, 'x-probe', { get () { reads++; return 'x' } })
        })
        routes(app)
      }, { ...ERRORS, captureHeaders: { request: ['x-probe'] } }, env)
      await (await fetch(url + path)).text()
      await spans()
      t.equal(reads, times, `${path} ${JSON.stringify(env)}`)
      await app.close()
    }
  })

  t.test(`${engine}: many at once, each by its own end`, async t => {
    const { app, spans } = await exportingApp(t, engine, app => {
      app.get('/mixed/:id', async request => {
        const { id } = request.params as { id: string }
        request.telemetry.addAttribute('id', Number(id))
        await wait(Number(id) % 3)
        if (Number(id) % 2 === 1) throw new Error('odd')
        return id
      })
    }, ERRORS, OFF)
    await Promise.all(Array.from({ length: 200 }, async (_, id) => { await app.inject(`/mixed/${id}`) }))
    const found = (await spans()).map(span => [Number(attributesOf(span)['id']), attributesOf(span)['url.path']])
    t.strictSame(found.sort((a, b) => Number(a[0]) - Number(b[0])), Array.from({ length: 100 }, (_, n) => [2 * n + 1, `/mixed/${2 * n + 1}`]))
  })

  t.test(`${engine}: clients that leave, and streams that last`, async t => {
    const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>()
    const { port, url, spans } = await exportingApp(t, engine, app => {
      app.get('/never', async (_request, reply) => { resolve(reply.raw); return await new Promise(() => {}) })
      app.get('/events', async (_request, reply) => {
        reply.header('content-type', 'text/event-stream')
        return Readable.from((async function * () {
          yield 'data: 1\n\n'
          await wait(60)
          yield 'data: 2\n\n'
        })())
      })
    }, { keep: { errors: true, slowerThanMs: 50 } }, OFF)
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const closed = once(await arrived, 'close')
    socket.destroy()
    await closed
    await (await fetch(`${url}/events`)).text()
    let found = await spans()
    // The server's end of a stream comes after the client's.
    while (found.length < 2) found = await spans()
    t.strictSame(found.map(span => [span['name'], attributesOf(span)['letta.kept'], attributesOf(span)['error.type'], attributesOf(span)['network.peer.address']]), [
      ['GET /never', 'error', 'client_disconnected', '127.0.0.1'],
      ['GET /events', 'slow', undefined, '127.0.0.1']
    ])
    t.ok(Number(attributesOf(found[1])['letta.ttfb_ms']) < 50)
  })
}

t.test('HTTP/2: a stream that is reset is described as it arrived', async t => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  process.env['OTEL_TRACES_SAMPLER'] = 'always_off'
  const app = Fastify({ http2: true })
  await app.register(lettaOtel, { destination: 'memory', serviceName: 'h2', instrumentations: false, keep: { errors: true } })
  app.get('/never', async () => { resolve(); return await new Promise(() => {}) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connectHttp2(`http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
  t.teardown(async () => { session.destroy(); await app.close() })
  const stream = session.request({ ':path': '/never' })
  stream.on('error', () => {})
  await arrived
  stream.close()
  session.destroy()
  await until(() => finishedSpans().length > 0, 'the span')
  const [span] = finishedSpans()
  t.match(span?.attributes, { 'letta.kept': 'error', 'url.path': '/never', 'network.peer.address': '127.0.0.1', 'error.type': 'client_disconnected' })
})

t.test('metrics count what is not sampled, and memory holds what is kept alone', async t => {
  useEnvironment(OFF)
  const { app } = await observedApp(t, routes, { keep: { errors: true } })
  await app.inject('/agents/1')
  await app.inject('/fails/1')
  t.strictSame(finishedSpans().map(({ name }) => name), ['GET /fails/:id'])
  const duration = (await metrics()).find(({ name }) => name === 'http.server.request.duration')
  t.equal(duration?.points.length, 2)
})
