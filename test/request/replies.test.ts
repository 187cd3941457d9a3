import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { finishedSpans } from '../../lib/testing.ts'
import { observedApp, serverSpan, serverSpans } from './observed-app.ts'

t.test('a JSON reply', async t => {
  const { url, port } = await observedApp(t, app => {
    app.get('/v1/agents/:agent_id', async request => ({ agent: (request.params as { agent_id: string }).agent_id }))
  })
  const response = await fetch(`${url}/v1/agents/agent-1?token=hidden&page=2`, { headers: { 'user-agent': 'probe/1' } })
  t.strictSame(await response.json(), { agent: 'agent-1' })
  const span = await serverSpan()
  t.equal(span.name, 'GET /v1/agents/:agent_id')
  t.equal(span.kind, 'SERVER')
  t.equal(span.parentSpanId, undefined)
  t.strictSame(span.status, { code: 'UNSET', message: undefined })
  const { 'network.peer.port': peerPort, ...attributes } = span.attributes
  t.type(peerPort, 'number')
  t.strictSame(attributes, {
    'http.request.method': 'GET',
    'url.path': '/v1/agents/agent-1',
    'url.scheme': 'http',
    'url.query': 'token=REDACTED&page=2',
    'http.route': '/v1/agents/:agent_id',
    'network.peer.address': '127.0.0.1',
    'client.address': '127.0.0.1',
    'server.address': '127.0.0.1',
    'server.port': port,
    'network.protocol.version': '1.1',
    'user_agent.original': 'probe/1',
    client: 'probe/1',
    'http.response.status_code': 200
  })
  t.ok(span.endTimeUnixNano > span.startTimeUnixNano)
})

t.test('a streamed reply lasts to its end and states its first byte', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/stream', async () => Readable.from((async function * () {
      await delay(20)
      yield 'first'
      await delay(30)
      yield 'last'
    })()))
  })
  t.equal(await (await fetch(`${url}/stream`)).text(), 'firstlast')
  const span = await serverSpan()
  const ttfb = span.attributes['letta.ttfb_ms'] as number
  const duration = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6
  t.ok(ttfb >= 19, `first byte after ${ttfb} ms`)
  t.ok(duration >= ttfb + 29, `ended after ${duration} ms`)
  t.equal(span.status.code, 'UNSET')
})

t.test('a web stream and a Response', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/web', async () => ReadableStream.from(['a', 'b']))
    app.get('/response', async () => new Response('c', { status: 201 }))
  })
  t.equal(await (await fetch(`${url}/web`)).text(), 'ab')
  t.equal(await (await fetch(`${url}/response`)).text(), 'c')
  const spans = await serverSpans(2)
  t.strictSame(spans.map(span => [span.name, span.attributes['http.response.status_code'], typeof span.attributes['letta.ttfb_ms'], span.status.code]), [
    ['GET /web', 200, 'number', 'UNSET'],
    ['GET /response', 201, 'number', 'UNSET']
  ])
})

t.test('server-sent events that stay open are one span to their end', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/events', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      void (async () => {
        for (let event = 0; event < 4; event++) {
          reply.raw.write(`data: ${event}\n\n`)
          await delay(500)
        }
        reply.raw.end()
      })()
    })
  })
  const response = await fetch(`${url}/events`)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  t.equal(finishedSpans().length, 0, 'still open after the first event')
  while (!(await reader.read()).done);
  const span = await serverSpan()
  t.ok(Number(span.endTimeUnixNano - span.startTimeUnixNano) >= 1.9e9)
  t.type(span.attributes['letta.ttfb_ms'], 'number')
  t.equal(span.attributes['http.response.status_code'], 200)
  t.equal(span.status.code, 'UNSET')
})

t.test('a hijacked reply and raw writes', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/hijack', (_request, reply) => {
      reply.hijack()
      reply.raw.statusCode = 202
      reply.raw.end('raw')
    })
    app.get('/raw', async (_request, reply) => {
      reply.raw.write('one')
      reply.raw.end('two')
      return reply
    })
  })
  t.equal(await (await fetch(`${url}/hijack`)).text(), 'raw')
  t.equal(await (await fetch(`${url}/raw`)).text(), 'onetwo')
  const spans = await serverSpans(2)
  t.strictSame(spans.map(span => [span.name, span.attributes['http.response.status_code'], span.status.code]), [
    ['GET /hijack', 202, 'UNSET'],
    ['GET /raw', 200, 'UNSET']
  ])
  t.notOk('letta.ttfb_ms' in (spans[0]?.attributes ?? {}), 'a body in one piece has no first byte of its own')
})

t.test('HEAD, OPTIONS, no route, another method', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/thing', async () => 'thing')
    app.options('*', (_request, reply) => { reply.code(204).send() })
  })
  await fetch(`${url}/thing`, { method: 'HEAD' })
  await fetch(`${url}/thing`, { method: 'OPTIONS' })
  await (await fetch(`${url}/missing/secret-path`)).text()
  await (await fetch(`${url}/thing`, { method: 'DELETE' })).text()
  const spans = await serverSpans(4)
  t.strictSame(spans.map(span => [span.name, span.attributes['http.route'], span.attributes['http.response.status_code'], span.status.code]), [
    ['HEAD /thing', '/thing', 200, 'UNSET'],
    ['OPTIONS *', '*', 204, 'UNSET'],
    ['GET', undefined, 404, 'UNSET'],
    ['DELETE', undefined, 404, 'UNSET']
  ])
})

t.test('a 304 and an empty reply', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/same', (_request, reply) => { reply.code(304).send() })
    app.get('/nothing', (_request, reply) => { reply.code(204).send() })
  })
  await fetch(`${url}/same`)
  await fetch(`${url}/nothing`)
  const spans = await serverSpans(2)
  t.strictSame(spans.map(span => span.attributes['http.response.status_code']), [304, 204])
})

t.test('methods outside the known list', async t => {
  const { connect, app } = await observedApp(t, app => {
    app.addHttpMethod('PROPFIND')
    app.route({ method: 'PROPFIND', url: '/dav', handler: async () => 'dav' })
  })
  t.ok(app.supportedMethods.includes('PROPFIND'))
  const socket = await connect()
  socket.write('PROPFIND /dav HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  socket.resume()
  await once(socket, 'close')
  const span = await serverSpan()
  t.equal(span.name, 'HTTP /dav')
  t.equal(span.attributes['http.request.method'], '_OTHER')
  t.equal(span.attributes['http.request.method_original'], 'PROPFIND')
})
