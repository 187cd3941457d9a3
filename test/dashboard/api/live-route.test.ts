import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import fastify from 'fastify'
import t from 'tap'
import { dashboardApi } from '../../../lib/dashboard/api.ts'
import { openStore, type Store } from '../../../lib/store/open-store.ts'
import { jsonLines } from '../../fixtures/sample-telemetry.ts'
import { atMs, span } from '../generated.ts'

/** Events of a stream, one after the other. */
async function * eventsOf (response: Response): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield text.slice(0, end)
      text = text.slice(end + 2)
    }
  }
}

t.test('those who watch are told what is new', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  const app = fastify({ forceCloseConnections: false })
  await app.register(dashboardApi, { store, liveIntervalMs: 20 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/live`
  const watch = async () => {
    const response = await fetch(url)
    t.match(response.headers.get('content-type'), 'text/event-stream')
    return eventsOf(response)
  }
  const [first, second] = [await watch(), await watch()]
  t.equal((await first.next()).value, 'event: ready\ndata: []')
  t.equal((await second.next()).value, 'event: ready\ndata: []')

  const rows = [span({ trace: 'live', id: 'root', name: 'GET /', start: Date.now(), ms: 1 })]
  await store.engine.insert('otel_traces', jsonLines(rows), 1)
  for (const events of [first, second]) t.equal((await events.next()).value, 'event: new\ndata: ["traces"]')
  await store.engine.insert('otel_logs', JSON.stringify({ Timestamp: atMs(Date.now()), Body: 'x' }), 1)
  for (const events of [first, second]) t.equal((await events.next()).value, 'event: new\ndata: ["logs"]')

  await second.return(undefined)
  await app.close()
  t.equal((await first.next()).done, true, 'closing ends what is open')
})

t.test('nobody watching asks nothing', async t => {
  const store = await openStore({ path: ':memory:' })
  t.teardown(async () => { await store.close() })
  let asked = 0
  const engine = { ...store.engine, database: store.engine.database, query: async (...given: Parameters<typeof store.engine.query>) => { asked++; return await store.engine.query(...given) } }
  const app = fastify()
  await app.register(dashboardApi, { store: { engine: engine as typeof store.engine }, liveIntervalMs: 5 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.equal(asked, 0)
  const controller = new AbortController()
  const response = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/live`, { signal: controller.signal })
  await eventsOf(response).next()
  t.ok(asked > 0)
  controller.abort()
  await app.close()
  const before = asked
  await new Promise(resolve => { setTimeout(resolve, 50) })
  t.ok(asked - before <= 1, 'nor does it go on when the last one left')
})

t.test('who reads nothing is cut off, and can come back', async t => {
  let blocks = 0
  // Every look finds something new.
  const engine = { database: 'otel', query: async () => [{ table: 'otel_traces', blocks: String(blocks++) }] }
  const app = fastify({ forceCloseConnections: false })
  await app.register(dashboardApi, { store: { engine: engine as unknown as Store['engine'] }, liveIntervalMs: 0 })
  const cut = Promise.withResolvers<void>()
  app.addHook('onRequest', async (_request, reply) => {
    // As long as nobody reads, all that is written waits.
    Object.defineProperty(reply.raw, 'writableLength', { get: () => blocks > 20 ? 70_000 : 0 })
    reply.raw.once('close', () => { cut.resolve() })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const response = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/live`)
  await t.rejects(response.text(), 'the answer has no end')
  await cut.promise
  const asked = blocks
  await app.close()
  t.ok(blocks <= asked + 1, 'and nobody watches any more')
})

/** Before version 24, Node says no `close` of a response whose connection ends while it waits behind another. */
t.test('who leaves while the answer waits behind another one is not told any more', async t => {
  let asked = 0
  const looked = new EventTarget()
  const engine = {
    database: 'otel',
    query: async () => {
      asked += 1
      looked.dispatchEvent(new Event('look'))
      return []
    }
  }
  const app = fastify({ forceCloseConnections: true })
  app.get('/slow', async () => await new Promise(() => {}))
  await app.register(dashboardApi, { store: { engine: engine as unknown as Store['engine'] }, liveIntervalMs: 1 })
  t.teardown(async () => { await app.close() })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const connected = once(app.server, 'connection') as Promise<[Socket]>
  const watched = once(looked, 'look')
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  client.write('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [served] = await connected
  await watched
  const closed = new Promise<void>(resolve => { served.on('close', () => { resolve() }) })
  client.destroy()
  await closed
  const before = asked
  await new Promise(resolve => { setTimeout(resolve, 50) })
  t.ok(asked - before <= 1, 'the store is not asked any more')
})
