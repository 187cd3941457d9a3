import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { setImmediate as immediately } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import type { Ingest } from '../../../lib/backend/ingest/ingest.ts'
import { otlpRoutes } from '../../../lib/backend/otlp/otlp-routes.ts'
import { Rejections } from '../../../lib/backend/otlp/rejections.ts'

const HEAD = 'HTTP/1.1\r\nHost: localhost\r\n'

/** Before version 24, Node says no `close` of a response whose connection ends while it waits behind another. */
t.test('requests that wait behind another one hold nothing when their client has left', async t => {
  const ingest = { isBehind: false, accept: () => new Rejections(), refused: () => {} } as unknown as Ingest
  const app = Fastify({ forceCloseConnections: true })
  app.get('/slow', async () => await new Promise(() => {}))
  await app.register(otlpRoutes, { ingest, limits: { maxReadingBytes: 1 } })
  t.teardown(async () => { await app.close() })
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const connected = once(app.server, 'connection') as Promise<[Socket]>
  const client = net.connect(Number(port), '127.0.0.1').on('error', () => {})
  client.write(`GET /slow ${HEAD}\r\nPOST /v1/logs ${HEAD}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`)
  const [served] = await connected
  const send = async (): Promise<number> => (await app.inject({ method: 'POST', url: '/v1/logs', headers: { 'content-type': 'application/json' }, payload: '{}' })).statusCode
  while (await send() !== 429) await immediately()
  // `once()` would end with the error that comes first.
  const closed = new Promise<void>(resolve => { served.on('close', () => { resolve() }) })
  client.destroy()
  await closed
  await immediately()
  t.equal(await send(), 200)
})
