import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import { trace } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { observedApp, serverSpans, until } from './observed-app.ts'

/** Notes where the request's own span was the active one, and where it was not. */
class Watch {
  readonly seen: Record<string, boolean> = {}
  note (place: string, request: FastifyRequest): void {
    const active = trace.getActiveSpan()
    this.seen[place] = active !== undefined && active === request.telemetry.span
  }
}

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse'] as const

function watchHooks (app: FastifyInstance, watch: Watch): void {
  for (const hook of HOOKS) {
    app.addHook(hook as 'onRequest', async request => {
      await delay(1)
      watch.note(`async ${hook}`, request)
    })
  }
  app.addHook('onRequest', (request, _reply, done) => { setTimeout(() => { watch.note('callback onRequest', request); done() }, 1) })
  app.addHook('preParsing', (request, _reply, payload, done) => { watch.note('callback preParsing', request); done(null, payload) })
  app.addHook('preHandler', (request, _reply, done) => { watch.note('callback preHandler', request); done() })
  app.addHook('onSend', (request, _reply, payload, done) => { watch.note('callback onSend', request); done(null, payload) })
  app.addHook('onResponse', (request, _reply, done) => { watch.note('callback onResponse', request); done() })
}

const everywhere = (places: Record<string, boolean>): string[] => Object.keys(places).filter(place => places[place] === false)

t.test('hooks, handler and serializer of a request with a JSON body', async t => {
  const watch = new Watch()
  const { url, connect } = await observedApp(t, async app => {
    watchHooks(app, watch)
    await app.register(async child => {
      child.addHook('preHandler', async request => { watch.note('child plugin', request) })
      child.post('/', async request => {
        watch.note('handler', request)
        await delay(2)
        watch.note('handler after a timer', request)
        await new Promise<void>(resolve => { queueMicrotask(() => { watch.note('microtask', request); resolve() }) })
        return { ok: true }
      })
    })
  })
  await (await fetch(url, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } })).text()
  await until(() => Object.keys(watch.seen).length === 16, 'every place')
  t.strictSame(everywhere(watch.seen), [])

  // The same body in two packets, so that parsing waits for the socket.
  const socket = await connect()
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"a"')
  await delay(10)
  socket.write(':1}')
  socket.resume()
  await once(socket, 'close')
  await serverSpans(2)
  t.strictSame(everywhere(watch.seen), [])
})

t.test('body parsers: text, buffer, raw stream by callback and by promise', async t => {
  const watch = new Watch()
  const { connect } = await observedApp(t, app => {
    watchHooks(app, watch)
    app.addContentTypeParser('text/string', { parseAs: 'string' }, (request, body, done) => { watch.note('string parser', request); done(null, body) })
    app.addContentTypeParser('text/buffer', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      watch.note('buffer parser', request)
      await delay(1)
      return body
    })
    app.addContentTypeParser('text/callback', (request, payload, done) => {
      watch.note('stream parser', request)
      let length = 0
      payload.on('data', chunk => { watch.note('data listener', request); length += (chunk as Buffer).length })
      payload.on('end', () => { watch.note('end listener', request); done(null, length) })
    })
    app.addContentTypeParser('text/promise', async (request: FastifyRequest, payload: AsyncIterable<Buffer>) => {
      let length = 0
      for await (const chunk of payload) {
        watch.note('for await', request)
        length += chunk.length
      }
      return length
    })
    app.post('/', async (request, reply) => {
      watch.note(`handler of ${request.headers['content-type'] ?? ''}`, request)
      reply.raw.on('close', () => { watch.note('close listener', request) })
      return String(request.body)
    })
  })
  for (const type of ['string', 'buffer', 'callback', 'promise']) {
    const socket = await connect()
    socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/${type}\r\nContent-Length: 8\r\nConnection: close\r\n\r\nhalf`)
    await delay(10)
    socket.write('half')
    socket.resume()
    await once(socket, 'close')
  }
  const parsers = ['string parser', 'buffer parser', 'stream parser', 'data listener', 'end listener', 'for await', 'close listener']
  await until(() => parsers.every(place => place in watch.seen) && 'async onResponse' in watch.seen, 'every place')
  t.strictSame(everywhere(watch.seen), [])
})

t.test('multipart', async t => {
  const watch = new Watch()
  const { url } = await observedApp(t, async app => {
    await app.register(multipart)
    watchHooks(app, watch)
    app.post('/', async request => {
      for await (const part of request.parts()) {
        watch.note(`part ${part.fieldname}`, request)
        if (part.type === 'file') {
          for await (const chunk of part.file) watch.note(`chunk of ${typeof chunk}`, request)
        }
      }
      watch.note('handler', request)
      return 'done'
    })
  })
  const form = new FormData()
  form.set('name', 'value')
  form.set('file', new Blob(['x'.repeat(200_000)]), 'x.txt')
  t.equal(await (await fetch(url, { method: 'POST', body: form })).text(), 'done')
  await serverSpans(1)
  t.ok(watch.seen['part file'])
  t.strictSame(everywhere(watch.seen), [])
})

t.test('error handlers and onError', async t => {
  const watch = new Watch()
  const { url } = await observedApp(t, app => {
    app.addHook('onError', async request => { watch.note('onError', request) })
    app.setErrorHandler((error, request, reply) => { watch.note('error handler', request); reply.send(error) })
    app.setNotFoundHandler((request, reply) => { watch.note('not found handler', request); reply.code(404).send() })
    app.get('/', async () => { throw new Error('x') })
  })
  await (await fetch(url)).text()
  await (await fetch(`${url}/missing`)).text()
  await serverSpans(2)
  t.strictSame(watch.seen, { onError: true, 'error handler': true, 'not found handler': true })
})

t.test('nothing of a request is active outside it', async t => {
  const { app, url } = await observedApp(t, app => {
    app.get('/', async () => 'ok')
  })
  await app.inject('/')
  t.equal(trace.getActiveSpan(), undefined)
  await (await fetch(url)).text()
  t.equal(trace.getActiveSpan(), undefined)
})

t.test('listeners and hooks of requests that end early', async t => {
  const watch = new Watch()
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const { connect, url } = await observedApp(t, app => {
    app.get('/never', async (request, reply) => {
      reply.raw.on('close', () => { watch.note('close of an aborted response', request) })
      request.raw.on('close', () => { watch.note('close of an aborted request', request) })
      resolve()
      return await new Promise(() => {})
    })
    app.addHook('onSend', async request => { watch.note('onSend', request) })
    app.get('/slow', { handlerTimeout: 20 }, async () => await new Promise(() => {}))
  })
  const socket = await connect()
  socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n')
  await arrived
  socket.destroy()
  await serverSpans(1)
  await (await fetch(`${url}/slow`)).text()
  await serverSpans(2)
  t.strictSame(watch.seen, { 'close of an aborted response': true, 'close of an aborted request': true, onSend: true })
})
