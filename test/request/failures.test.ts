import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'
import { reset } from '../../lib/testing.ts'
import { observedApp, serverSpan, serverSpans } from './observed-app.ts'

t.test('what a handler throws, at once or later', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/sync', () => { throw new TypeError('at once') })
    app.get('/async', async () => { throw new RangeError('later') })
    app.get('/plain', async () => { throw Object.assign(new Error('teapot'), { statusCode: 418 }) })
    app.get('/text', async () => { throw 'not an error' }) // eslint-disable-line no-throw-literal
  })
  for (const path of ['/sync', '/async', '/plain', '/text']) await (await fetch(url + path)).text()
  const [sync, later, plain, text] = await serverSpans(4)
  t.strictSame(sync?.status, { code: 'ERROR', message: undefined })
  t.equal(sync?.attributes['error.type'], 'TypeError')
  t.equal(sync?.events.length, 1)
  t.equal(sync?.events[0]?.name, 'exception')
  t.equal(sync?.events[0]?.attributes['exception.message'], 'at once')
  t.match(sync?.events[0]?.attributes['exception.stacktrace'], 'failures.test.ts')
  t.equal(later?.attributes['error.type'], 'RangeError')
  t.equal(plain?.attributes['http.response.status_code'], 418)
  t.equal(plain?.status.code, 'UNSET', 'a 4xx is the client\'s')
  t.notOk('error.type' in (plain?.attributes ?? {}))
  t.equal(plain?.events.length, 0)
  t.equal(text?.attributes['http.response.status_code'], 500)
  t.equal(text?.attributes['error.type'], 'string')
})

t.test('a status of 500 without an exception', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/down', (_request, reply) => { reply.code(503).send({ down: true }) })
  })
  await (await fetch(`${url}/down`)).text()
  const span = await serverSpan()
  t.equal(span.attributes['error.type'], '503')
  t.equal(span.status.code, 'ERROR')
  t.equal(span.events.length, 0)
})

const hooks = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend'] as const
for (const hook of hooks) {
  t.test(`an error in ${hook}`, async t => {
    const { url } = await observedApp(t, app => {
      app.post('/', {
        [hook]: async () => { throw new TypeError(`in ${hook}`) }
      }, async () => ({ fine: true }))
    })
    const response = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    await response.text()
    const span = await serverSpan()
    t.equal(response.status, 500)
    t.equal(span.attributes['http.response.status_code'], 500)
    t.equal(span.attributes['error.type'], 'TypeError')
    t.equal(span.status.code, 'ERROR')
  })
}

t.test('an error in onResponse comes after the request', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/', { onResponse: async () => { throw new Error('too late') } }, async () => 'fine')
  })
  t.equal(await (await fetch(url)).text(), 'fine')
  t.equal((await serverSpan()).status.code, 'UNSET')
})

t.test('validation errors and bodies that cannot be parsed', async t => {
  const { url } = await observedApp(t, app => {
    app.post('/', { schema: { body: { type: 'object', required: ['name'] } } }, async () => 'fine')
  })
  const post = async (body: string, type = 'application/json'): Promise<number> =>
    (await fetch(url, { method: 'POST', body, headers: { 'content-type': type } })).status
  t.strictSame([await post('{}'), await post('{'), await post('<a/>', 'application/xml')], [400, 400, 415])
  const spans = await serverSpans(3)
  t.strictSame(spans.map(span => [span.name, span.attributes['http.response.status_code'], span.status.code, span.events.length]), [
    ['POST /', 400, 'UNSET', 0], ['POST /', 400, 'UNSET', 0], ['POST /', 415, 'UNSET', 0]
  ])
})

t.test('the status that a custom error handler sends decides', async t => {
  const { url } = await observedApp(t, app => {
    app.setErrorHandler((error, _request, reply) => {
      if ((error as Error).message === 'bad') reply.code(502).send(error)
      else reply.code(200).send({ recovered: true })
    })
    app.get('/fine', async () => { throw new Error('good') })
    app.get('/bad', async () => { throw new SyntaxError('bad') })
  })
  t.strictSame(await (await fetch(`${url}/fine`)).json(), { recovered: true })
  await (await fetch(`${url}/bad`)).text()
  const [fine, bad] = await serverSpans(2)
  t.equal(fine?.status.code, 'UNSET')
  t.equal(fine?.attributes['http.response.status_code'], 200)
  t.notOk('error.type' in (fine?.attributes ?? {}))
  t.equal(fine?.events.length, 0)
  t.equal(bad?.attributes['http.response.status_code'], 502)
  t.equal(bad?.attributes['error.type'], 'SyntaxError')
})

t.test('isError has the last word, unless it throws', async t => {
  const build = (app: FastifyInstance): void => {
    app.get('/', async () => { throw Object.assign(new Error('no'), { statusCode: 409 }) })
  }
  const seen: unknown[] = []
  const strict = await observedApp(t, build, { isError: (error, reply) => { seen.push(error); return reply.statusCode >= 400 } })
  await (await fetch(strict.url)).text()
  const span = await serverSpan()
  t.equal(span.status.code, 'ERROR')
  t.equal(span.attributes['http.response.status_code'], 409)
  t.match(seen, [{ message: 'no' }])
  await strict.app.close()

  const broken = await observedApp(t, build, { isError: () => { throw new Error('oops') } })
  await (await fetch(broken.url)).text()
  t.equal((await serverSpan()).status.code, 'UNSET')
})

t.test('a stream that breaks, before and after its first byte', async t => {
  const { url } = await observedApp(t, app => {
    app.get('/before', async () => new Readable({ read () { this.destroy(new RangeError('no data')) } }))
    app.get('/after', async () => Readable.from((async function * () {
      yield 'some'
      throw new TypeError('no more')
    })()))
  })
  t.equal((await fetch(`${url}/before`)).status, 500)
  await t.rejects(async () => await (await fetch(`${url}/after`)).text())
  const [before, after] = await serverSpans(2)
  t.equal(before?.attributes['http.response.status_code'], 500)
  t.equal(before?.attributes['error.type'], 'RangeError')
  t.equal(after?.attributes['http.response.status_code'], 200, 'the status that was sent stays')
  t.equal(after?.attributes['error.type'], 'TypeError')
  t.equal(after?.status.code, 'ERROR')
})

t.test('a handler\'s time-out', async t => {
  const seen: unknown[] = []
  const { url } = await observedApp(t, app => {
    app.addHook('onSend', async request => { seen.push(request.telemetry.spanId) })
    app.get('/', { handlerTimeout: 20 }, async () => await new Promise(() => {}))
  })
  const response = await fetch(url)
  await response.text()
  const span = await serverSpan()
  t.equal(response.status, 503)
  t.equal(span.attributes['http.response.status_code'], 503)
  t.equal(span.attributes['error.type'], 'FST_ERR_HANDLER_TIMEOUT')
  t.strictSame(seen, [span.spanId])
})

t.test('errorReplies answers as Letta does, and yields to a handler of the application', async t => {
  const { url, app } = await observedApp(t, app => {
    app.get('/', async () => { throw new TypeError('broken') })
    app.get('/missing', async () => { throw Object.assign(new Error('no agent'), { statusCode: 404 }) })
    app.get('/set', async (_request, reply) => { reply.code(402); throw new Error('pay') })
    void app.register(async child => {
      child.setErrorHandler((_error, _request, reply) => { reply.code(500).send('own') })
      child.get('/own', async () => { throw new Error('x') })
    })
  }, { errorReplies: true })
  const broken = await (await fetch(url)).json()
  const span = await serverSpan()
  t.strictSame(broken, { detail: 'broken', trace_id: span.traceId })
  t.equal(span.attributes['error.type'], 'TypeError')
  const missing = await fetch(`${url}/missing`)
  t.equal(missing.status, 404)
  t.match(await missing.json(), { detail: 'no agent', trace_id: /^[0-9a-f]{32}$/ })
  t.equal((await fetch(`${url}/set`)).status, 402)
  t.equal(await (await fetch(`${url}/own`)).text(), 'own')
  t.ok(app)
})

t.test('a plugin that was registered before may answer first', async t => {
  const app = Fastify({ logger: { level: 'info', stream: { write () {} } } })
  app.addHook('onRequest', async (_request, reply) => { reply.code(401); throw new Error('who are you?') })
  await app.register(lettaOtel, { destination: 'memory' })
  app.get('/', async () => 'never')
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { await app.close() })
  await reset()
  await (await fetch(url, { headers: { connection: 'close' } })).text()
  const span = await serverSpan()
  t.equal(span.name, 'GET /')
  t.equal(span.attributes['http.response.status_code'], 401)
  t.equal(span.status.code, 'UNSET')
})
