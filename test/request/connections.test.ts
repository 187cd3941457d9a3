import { once } from 'node:events'
import http2 from 'node:http2'
import { Readable } from 'node:stream'
import websocket from '@fastify/websocket'
import { trace } from '@opentelemetry/api'
import Fastify from 'fastify'
import t from 'tap'
import { WebSocket } from 'ws'
import lettaOtel from '../../lib/index.ts'
import { finishedSpans, metrics, reset } from '../../lib/testing.ts'
import { observedApp, serverSpan, serverSpans } from './observed-app.ts'

t.test('a kept connection carries many requests, each its own trace', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/:number', async () => 'ok')
  })
  const socket = await connect()
  for (let number = 0; number < 5; number++) {
    socket.write(`GET /${number} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await once(socket, 'data')
  }
  socket.destroy()
  const spans = await serverSpans(5)
  t.equal(spans.length, 5)
  t.equal(new Set(spans.map(span => span.traceId)).size, 5)
  t.strictSame(spans.map(span => span.attributes['url.path']), ['/0', '/1', '/2', '/3', '/4'])
  t.ok(spans.every(span => span.status.code === 'UNSET'))
})

t.test('pipelined requests do not share a span', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/:number', async request => {
      await new Promise(resolve => setImmediate(resolve))
      return request.telemetry.traceId
    })
  })
  const socket = await connect()
  socket.end([0, 1, 2].map(number => `GET /${number} HTTP/1.1\r\nHost: localhost\r\n${number === 2 ? 'Connection: close\r\n' : ''}\r\n`).join(''))
  let answers = ''
  socket.on('data', chunk => { answers += String(chunk) })
  await once(socket, 'close')
  const spans = await serverSpans(3)
  t.equal(new Set(spans.map(span => span.traceId)).size, 3)
  for (const { traceId } of spans.filter(span => span.status.code === 'UNSET')) t.ok(answers.includes(traceId))
})

t.test('encapsulated plugins and prefixes', async t => {
  const { url } = await observedApp(t, async app => {
    await app.register(async v1 => {
      await v1.register(async agents => {
        agents.get('/:agent_id', async request => request.telemetry.spanId)
      }, { prefix: '/agents' })
    }, { prefix: '/v1' })
  })
  const spanId = await (await fetch(`${url}/v1/agents/a`)).text()
  const span = await serverSpan()
  t.equal(span.name, 'GET /v1/agents/:agent_id')
  t.equal(span.spanId, spanId)
})

t.test('app.inject', async t => {
  const { app } = await observedApp(t, app => {
    app.get('/', async request => {
      const inner = await app.inject('/inner')
      return { outer: request.telemetry.traceId, inner: inner.body }
    })
    app.get('/inner', async request => request.telemetry.traceId)
    app.get('/fails', async () => { throw new Error('x') })
  })
  const { outer, inner } = (await app.inject('/')).json()
  await app.inject('/fails')
  const spans = await serverSpans(3)
  t.strictSame(spans.map(span => [span.name, span.traceId, span.status.code]), [
    ['GET /inner', inner, 'UNSET'],
    ['GET /', outer, 'UNSET'],
    ['GET /fails', spans[2]?.traceId, 'ERROR']
  ])
  t.not(outer, inner, 'an injected request without a traceparent is a trace of its own')
})

t.test('a WebSocket is one span as long as it is open', async t => {
  const { port } = await observedApp(t, async app => {
    await app.register(websocket)
    app.get('/socket', { websocket: true }, (socket, request) => {
      socket.on('message', () => { socket.send(String(request.telemetry.traceId)) })
    })
  }, { endpointMetrics: { streams: 'exclude' } })
  const client = new WebSocket(`ws://127.0.0.1:${port}/socket`)
  await once(client, 'open')
  client.send('hello')
  const [message] = await once(client, 'message')
  t.equal(finishedSpans().length, 0)
  client.close()
  const span = await serverSpan()
  t.equal(span.name, 'GET /socket')
  t.equal(span.traceId, String(message))
  t.equal(span.attributes['http.response.status_code'], 101)
  t.equal(span.status.code, 'UNSET')
  const collected = await metrics()
  t.notOk(collected.some(metric => metric.name === 'hist_endpoint_e2e_ms'), 'kept out of the histogram')
  t.ok(collected.some(metric => metric.name === 'count_endpoint_requests'), 'but counted')
})

t.test('HTTP/2', async t => {
  const app = Fastify({ http2: true, forceCloseConnections: true })
  await app.register(lettaOtel, { destination: 'memory' })
  app.get('/fine', async request => request.telemetry.traceId)
  app.get('/stream', async () => ReadableStream.from(['a', 'b']))
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  app.get('/never', async () => { resolve(); return await new Promise(() => {}) })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  await reset()
  const session = http2.connect(url)
  t.teardown(async () => { session.destroy(); await app.close() })
  const read = async (path: string): Promise<string> => {
    const stream = session.request({ ':path': path })
    let body = ''
    for await (const chunk of stream) body += String(chunk)
    return body
  }
  const traceId = await read('/fine')
  t.equal(await read('/stream'), 'ab')
  const aborted = session.request({ ':path': '/never' })
  aborted.on('error', () => {})
  await arrived
  aborted.close(http2.constants.NGHTTP2_CANCEL)
  // A stream of HTTP/2 ends when both sides have closed it, which need not follow the order of requests.
  const spans = await serverSpans(3)
  const [fine, never, stream] = spans.sort((a, b) => a.name.localeCompare(b.name))
  t.equal(fine?.traceId, traceId)
  t.equal(fine?.name, 'GET /fine')
  t.equal(fine?.attributes['network.protocol.version'], '2')
  t.equal(fine?.attributes['http.response.status_code'], 200)
  t.notOk('letta.ttfb_ms' in (fine?.attributes ?? {}), 'a body in one piece')
  t.equal(fine?.attributes['server.address'], '127.0.0.1')
  t.equal(stream?.status.code, 'UNSET')
  t.type(stream?.attributes['letta.ttfb_ms'], 'number')
  t.equal(never?.attributes['error.type'], 'client_disconnected')
  t.equal(never?.status.code, 'ERROR')
})

const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bad\r\n\r\n`

t.test('an upgrade that is refused', async t => {
  const { connect } = await observedApp(t, async app => {
    await app.register(websocket)
    app.get('/socket', { websocket: true }, () => {})
  })
  const socket = await connect()
  socket.write(upgrade('/socket'))
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 400 /)
  const span = await serverSpan()
  t.equal(span.attributes['http.response.status_code'], 400)
  t.equal(span.status.code, 'UNSET')
})

t.test('an upgrade that nobody answers', async t => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { connect } = await observedApp(t, app => {
    app.get('/silent', (_request, reply) => { reply.hijack(); resolve() })
  })
  const socket = await connect()
  socket.write(upgrade('/silent'))
  await arrived
  socket.destroy()
  const span = await serverSpan()
  t.notOk('http.response.status_code' in span.attributes, 'no 101 is invented')
  t.equal(span.attributes['error.type'], 'client_disconnected')
})

t.test('a client that asks for an upgrade, gets an answer instead and leaves in its middle', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/stream', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200)
      reply.raw.write('some')
    })
  })
  const socket = await connect()
  socket.write(upgrade('/stream'))
  await once(socket, 'data')
  socket.destroy()
  const span = await serverSpan()
  t.equal(span.attributes['http.response.status_code'], 200)
  t.equal(span.attributes['error.type'], 'client_disconnected')
})

t.test('a WebSocket\'s messages belong to its request', async t => {
  const { port } = await observedApp(t, async app => {
    await app.register(websocket)
    app.get('/socket', { websocket: true }, (socket, request) => {
      socket.on('message', () => { socket.send(String(trace.getActiveSpan() === request.telemetry.span)) })
    })
  })
  const client = new WebSocket(`ws://127.0.0.1:${port}/socket`)
  await once(client, 'open')
  client.send('hello')
  const [message] = await once(client, 'message')
  t.equal(String(message), 'true')
  client.close()
  await serverSpans(1)
})

t.test('Fastify refuses some requests itself: a span that a log line opened ends', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/a/:id', async () => 'a')
  }, {}, {
    logger: { level: 'info', stream: { write () {} } },
    frameworkErrors (error, request, reply) {
      request.log.info({ req: request }, 'refused')
      reply.code(400 as never).send(error as never)
    }
  })
  const socket = await connect()
  socket.end('GET /a/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  const span = await serverSpan()
  t.equal(span.status.code, 'UNSET')
})

t.test('a request that the application hands to its own router again', async t => {
  for (const wrapsBetween of [false, true]) {
    const { app, url } = await observedApp(t, app => {
      app.get('/chunks', (_request, reply) => {
        reply.hijack()
        reply.raw.write('a')
        reply.raw.end('b')
      })
      app.get('/stream', async () => Readable.from(['a', 'b']))
      app.get('/again/:to', (request, reply) => {
        reply.hijack()
        if (wrapsBetween) {
          for (const emitter of [request.raw, reply.raw]) {
            const emit = emitter.emit
            emitter.emit = function (this: typeof emitter, ...args: any) { return emit.apply(this, args) }
          }
        }
        request.raw.url = `/${(request.params as { to: string }).to}`
        app.routing(request.raw, reply.raw)
      })
    })
    for (const to of ['chunks', 'stream']) t.equal(await (await fetch(`${url}/again/${to}`)).text(), 'ab', to)
    t.strictSame((await serverSpans(2)).map(({ name }) => name), ['GET /again/:to', 'GET /again/:to'], 'each has one span')
    await app.close()
  }
})
