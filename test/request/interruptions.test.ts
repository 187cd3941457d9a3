import { once } from 'node:events'
import http2, { type ServerHttp2Stream } from 'node:http2'
import net, { type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as immediately } from 'node:timers/promises'
import Fastify, { type FastifyRequest } from 'fastify'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'
import { finishedSpans, metrics, reset } from '../../lib/testing.ts'
import { observedApp, serverSpan, serverSpans } from './observed-app.ts'

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

t.test('a client that goes away before the first byte', async t => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { connect } = await observedApp(t, app => {
    app.get('/never', async () => { resolve(); return await new Promise(() => {}) })
  })
  const socket = await connect()
  socket.write(get('/never'))
  await arrived
  socket.destroy()
  const span = await serverSpan()
  t.equal(span.name, 'GET /never')
  t.strictSame(span.status, { code: 'ERROR', message: undefined })
  t.equal(span.attributes['error.type'], 'client_disconnected')
  t.notOk('http.response.status_code' in span.attributes, 'no status was sent, and none is invented')
  const requests = (await metrics()).find(metric => metric.name === 'http.server.request.duration')
  t.strictSame(requests?.points.map(point => point.attributes), [{
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'network.protocol.version': '1.1',
    'http.route': '/never',
    'error.type': 'client_disconnected'
  }])
})

t.test('a client that goes away while pipelined requests wait for their answers', async t => {
  for (const isAnswered of [false, true]) {
    const arrived = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<string>()
    let requests = 0
    const { connect } = await observedApp(t, app => {
      app.get('/:number', async ({ url }) => {
        if (++requests === 3) arrived.resolve()
        // The second and the third may be answered while the first still is not.
        return url === '/0' || !isAnswered ? await answer.promise : 'an answer'
      })
    })
    const socket = await connect()
    socket.write([0, 1, 2].map(number => get(`/${number}`)).join(''))
    await arrived.promise
    await immediately()
    socket.resetAndDestroy()
    const spans = await serverSpans(3)
    for (const { attributes, status } of spans) {
      t.strictSame([attributes['error.type'], attributes['http.response.status_code'], status.code], ['client_disconnected', undefined, 'ERROR'])
    }
    answer.resolve('too late')
    await reset()
  }
})

t.test('requests that waited for others leave nothing behind on their connection', async t => {
  const warnings: Error[] = []
  const note = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', note)
  t.teardown(() => { process.off('warning', note) })
  const REQUESTS = 30
  let connection: Socket | undefined
  let listeners = 0
  const { connect } = await observedApp(t, app => {
    app.get('/:number', async ({ url, raw }) => {
      if (url === '/0') {
        connection = raw.socket
        // Those behind it have all begun by then.
        await immediately()
        listeners = raw.socket.listenerCount('close')
      }
      return url
    })
  })
  const socket = await connect()
  for (let round = 0; round < 2; round++) {
    socket.resume().write(Array.from({ length: REQUESTS }, (_, number) => get(`/${number}`)).join(''))
    const spans = await serverSpans(REQUESTS)
    t.equal(spans.filter(({ status }) => status.code === 'UNSET').length, REQUESTS)
    await reset()
  }
  t.ok((connection?.listenerCount('close') ?? Infinity) <= listeners)
  t.ok(listeners < 6, `${listeners} listeners`)
  socket.destroy()
  await once(socket, 'close')
  await immediately()
  t.strictSame(finishedSpans(), [], 'none ends twice')
  t.strictSame(warnings, [])
})

t.test('a client that goes away while a hook of another plugin holds its request back', async t => {
  for (const behind of [0, 1]) {
    const held = Promise.withResolvers<FastifyRequest>()
    const gone = Promise.withResolvers<void>()
    const app = Fastify({ forceCloseConnections: true })
    app.addHook('onRequest', async request => {
      if (request.url !== `/${behind}`) return
      held.resolve(request)
      await gone.promise
    })
    await app.register(lettaOtel, { destination: 'memory', instrumentations: false })
    app.get('/:number', async () => await new Promise(() => {}))
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
    t.teardown(async () => { await app.close() })
    await reset()
    const socket = net.connect(Number(port), '127.0.0.1').on('error', () => {})
    socket.write(Array.from({ length: behind + 1 }, (_, number) => get(`/${number}`)).join(''))
    const { raw } = await held.promise
    // `once()` would end with the error that comes first.
    const closed = new Promise<void>(resolve => { raw.socket.on('close', () => { resolve() }) })
    socket.resetAndDestroy()
    await closed
    await immediately()
    gone.resolve()
    const spans = await serverSpans(behind + 1)
    t.strictSame(spans.map(({ name }) => name), spans.map(() => 'GET /:number'))
    t.strictSame(spans.map(({ attributes }) => attributes['error.type']), spans.map(() => 'client_disconnected'))
    await app.close()
  }
})

t.test('an HTTP/2 client that goes away while a hook of another plugin holds its request back', async t => {
  for (const what of ['stream', 'session'] as const) {
    const held = Promise.withResolvers<ServerHttp2Stream>()
    const gone = Promise.withResolvers<void>()
    const app = Fastify({ http2: true, forceCloseConnections: true })
    app.addHook('onRequest', async ({ raw }) => {
      held.resolve(raw.stream)
      await gone.promise
    })
    await app.register(lettaOtel, { destination: 'memory', instrumentations: false })
    app.get('/', async () => await new Promise(() => {}))
    const session = http2.connect(await app.listen({ port: 0, host: '127.0.0.1' })).on('error', () => {})
    t.teardown(async () => { session.destroy(); await app.close() })
    await reset()
    const stream = session.request({ ':path': '/' }).on('error', () => {})
    const served = await held.promise
    const closed = new Promise<void>(resolve => { served.on('close', () => { resolve() }) })
    if (what === 'stream') stream.close(http2.constants.NGHTTP2_CANCEL)
    else session.destroy()
    await closed
    gone.resolve()
    const { attributes } = await serverSpan()
    t.equal(attributes['error.type'], 'client_disconnected', what)
  }
})

t.test('a client that goes away during its own request', async t => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { connect } = await observedApp(t, app => {
    app.addHook('onRequest', async () => { resolve() })
    app.post('/upload', async () => 'never')
  })
  const socket = await connect()
  socket.write('POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"half":')
  await arrived
  socket.resetAndDestroy()
  const span = await serverSpan()
  t.equal(span.name, 'POST /upload')
  t.equal(span.status.code, 'ERROR')
  t.match(span.attributes['error.type'], /client_disconnected|ECONNRESET|ConnResetException/)
})

t.test('a client that goes away between the first and the last byte', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/stream', async () => Readable.from((async function * () {
      yield 'some'
      await new Promise(() => {})
    })()))
    app.get('/hijacked', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.raw.write('data: 1\n\n')
    })
  })
  for (const path of ['/stream', '/hijacked']) {
    const socket = await connect()
    socket.write(get(path))
    await once(socket, 'data')
    socket.destroy()
    const span = await serverSpan()
    t.equal(span.name, `GET ${path}`)
    t.equal(span.attributes['http.response.status_code'], 200, 'the status that was sent stays')
    t.equal(span.attributes['error.type'], 'client_disconnected')
    t.equal(span.status.code, 'ERROR')
    t.type(span.attributes['letta.ttfb_ms'], 'number')
    await reset()
  }
})

t.test('a client that ends its side before the answer has left, as Node sees it', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/', async request => {
      await once(request.raw.socket, 'end')
      return 'answer'
    })
  })
  const socket = await connect()
  socket.resume().end(get('/'))
  await once(socket, 'close')
  const span = await serverSpan()
  t.equal(span.status.code, 'ERROR')
  t.equal(span.attributes['error.type'], 'client_disconnected')
})

t.test('a connection that times out', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/slow', async () => await new Promise(() => {}))
  }, {}, { connectionTimeout: 50 })
  const socket = await connect()
  socket.resume().write(get('/slow'))
  await once(socket, 'close')
  const span = await serverSpan()
  t.equal(span.attributes['error.type'], 'timeout')
  t.equal(span.status.code, 'ERROR')
})

t.test('a connection that the server closes', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/destroy', (_request, reply) => { reply.hijack(); reply.raw.destroy() })
    app.get('/destroy-with-error', (_request, reply) => { reply.hijack(); reply.raw.destroy(new RangeError('enough')) })
  })
  const types: unknown[] = []
  for (const path of ['/destroy', '/destroy-with-error']) {
    const socket = await connect()
    socket.resume().write(get(path))
    await once(socket, 'close')
    types.push((await serverSpan()).attributes['error.type'])
    await reset()
  }
  t.strictSame(types, ['connection_closed', 'RangeError'])
})

t.test('a request that the client aborts after its answer was complete', async t => {
  const { connect } = await observedApp(t, app => {
    app.get('/', async () => 'answer')
  })
  const socket = await connect()
  socket.write(get('/'))
  await once(socket, 'data')
  socket.resetAndDestroy()
  const span = await serverSpan()
  t.equal(span.status.code, 'UNSET')
  t.equal(span.attributes['http.response.status_code'], 200)
})
