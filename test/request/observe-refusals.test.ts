import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { trace } from '@opentelemetry/api'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { finishedSpans, metrics, reset } from '../../lib/testing.ts'
import { observedApp, serverSpan, serverSpans } from './observed-app.ts'

/** All that a server answers, but for the time. */
async function answerOf (port: number, target: string, ...headers: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write([`GET ${target} HTTP/1.1`, 'Host: localhost:80', 'Connection: close', ...headers, '', ''].join('\r\n'))
  return (await text(socket)).replace(/\r\nDate: [^\r]+/, '')
}

async function fails (): Promise<never> {
  throw new Error('no version')
}

const constraints = {
  region: {
    name: 'region',
    storage: () => ({ get: () => null, set () {} }),
    deriveConstraint: (_request: unknown, _context: unknown, done: (error: Error) => void) => { void fails().catch(done) },
    validate () {}
  }
} as unknown as NonNullable<NonNullable<FastifyServerOptions['routerOptions']>['constraints']>

function build (app: FastifyInstance): void {
  app.get('/a/:id', async () => 'a')
}

t.test('requests that Fastify refuses because of their URL have a span, and the answer that they have without', async t => {
  const bare = Fastify()
  build(bare)
  await bare.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { await bare.close() })
  const { app, port } = await observedApp(t, build)
  const requests: Array<[path: string, status: number]> = [['/a/%zz', 400], [`/a/${'x'.repeat(101)}`, 414]]
  for (const [path, status] of requests) {
    const target = `${path}?token=hidden`
    const expected = await answerOf((bare.server.address() as { port: number }).port, target)
    t.ok(expected.startsWith(`HTTP/1.1 ${status} `), expected)
    t.equal(await answerOf(port, target), expected)
    const { name, status: { code }, attributes } = await serverSpan()
    t.strictSame([name, code], ['GET', 'UNSET'])
    t.match(attributes, { 'url.path': path, 'url.query': 'token=REDACTED', 'http.response.status_code': status, 'server.port': 80, 'network.peer.address': '127.0.0.1' })
    t.notOk('http.route' in attributes)
    await reset()
  }
  t.equal((await app.inject('/a/%zz')).statusCode, 400)
  t.equal((await serverSpan()).attributes['http.response.status_code'], 400)
  const duration = (await metrics()).find(metric => metric.name === 'http.server.request.duration')
  t.match(duration?.points, [{ attributes: { 'http.response.status_code': 400 } }])
})

t.test('with a logger, the line that Fastify writes of such a request belongs to its span', async t => {
  const lines: string[] = []
  const { app } = await observedApp(t, build, {}, { logger: { stream: { write (line: string) { lines.push(line) } } } })
  await app.inject('/a/%zz')
  const { traceId, attributes } = await serverSpan()
  t.equal(attributes['http.response.status_code'], 400)
  t.match(lines.map(line => JSON.parse(line)).filter(({ req }) => req !== undefined), [{ msg: 'incoming request', trace_id: traceId }])
})

t.test('a constraint of routes that fails', async t => {
  const withConstraint = (app: FastifyInstance): void => {
    app.get('/', { constraints: { region: 'eu' } }, async () => 'never')
  }
  const bare = Fastify({ routerOptions: { constraints } })
  withConstraint(bare)
  const { app } = await observedApp(t, withConstraint, {}, { routerOptions: { constraints } })
  const [expected, answer] = [await bare.inject('/'), await app.inject('/')]
  t.equal(answer.body, expected.body)
  t.equal(answer.statusCode, 500)
  t.match(await serverSpan(), { status: { code: 'ERROR' }, attributes: { 'error.type': 'FST_ERR_ASYNC_CONSTRAINT', 'http.response.status_code': 500 } })
})

t.test('an application that answers such requests itself does so within their span', async t => {
  let within: string | undefined
  const { app } = await observedApp(t, build, {}, {
    frameworkErrors (error, _request, reply) {
      within = trace.getActiveSpan()?.spanContext().spanId
      void reply.code(422 as never).send({ code: error.code } as never)
    }
  })
  t.strictSame((await app.inject('/a/%zz')).json(), { code: 'FST_ERR_BAD_URL' })
  const span = await serverSpan()
  t.equal(span.spanId, within)
  t.equal(span.attributes['http.response.status_code'], 422)
})

t.test('a request that expects what Node cannot do', async t => {
  const { app, port } = await observedApp(t, build)
  t.match(await answerOf(port, '/a/1', 'Expect: miracles'), /^HTTP\/1\.1 417 /)
  t.match(await serverSpan(), { name: 'GET', attributes: { 'url.path': '/a/1', 'http.response.status_code': 417, 'server.address': 'localhost', 'server.port': 80 } })
  await reset()
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => { response.writeHead(200).end('a miracle') })
  t.match(await answerOf(port, '/a/1', 'Expect: miracles'), /^HTTP\/1\.1 200 [^]*a miracle/)
  t.strictSame(finishedSpans(), [], 'an application that answers it itself is left alone')
})

t.test('what is refused because the application is closing', async t => {
  const arrived = Promise.withResolvers<void>()
  const closing = Promise.withResolvers<void>()
  const release = Promise.withResolvers<string>()
  const { app, connect } = await observedApp(t, app => {
    app.get('/slow', async () => {
      arrived.resolve()
      return await release.promise
    })
    app.addHook('preClose', async () => { closing.resolve() })
  }, {}, { forceCloseConnections: false })
  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: [::1]:81\r\n\r\n`
  const socket = await connect()
  socket.write(request('/slow'))
  await arrived.promise
  const closed = app.close()
  await closing.promise
  socket.write(request('/late?token=hidden') + request('/v1/health'))
  const refusals = new Promise<void>(resolve => {
    let seen = 0
    app.server.on('request', () => { if (++seen === 2) resolve() })
  })
  await refusals
  release.resolve('answer')
  const answers = text(socket)
  await closed
  t.match(await answers, /HTTP\/1\.1 200 [^]*HTTP\/1\.1 503 /)
  const spans = await serverSpans(2)
  t.strictSame(spans.map(({ attributes }) => [attributes['url.path'], attributes['url.query'], attributes['http.response.status_code'], attributes['error.type']]).sort(), [
    ['/late', 'token=REDACTED', 503, '503'],
    ['/slow', undefined, 200, undefined]
  ], 'what is left out is left out here too')
  t.match(spans.find(({ attributes }) => attributes['url.path'] === '/late')?.attributes, { 'server.address': '[::1]', 'server.port': 81 })
})
