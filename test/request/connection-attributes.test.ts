import { once } from 'node:events'
import t from 'tap'
import { observedApp, serverSpans } from './observed-app.ts'

/** What the requests on one connection behind a proxy say, and what their spans have to. */
interface Client {
  readonly address: string
  readonly userAgent: string
  readonly host: string
}

const ANNA: Client = { address: '192.0.2.1', userAgent: 'anna/1', host: 'one.example' }
const BERT: Client = { address: '192.0.2.2', userAgent: 'bert/2', host: 'two.example' }

async function clientsOf (t: Parameters<typeof observedApp>[0], clients: readonly Client[]): Promise<Array<Record<string, unknown>>> {
  const { connect } = await observedApp(t, app => { app.get('/:number', async () => 'ok') }, {}, { trustProxy: true })
  const socket = await connect()
  for (const [number, { address, userAgent, host }] of clients.entries()) {
    socket.write(`GET /${number} HTTP/1.1\r\nHost: proxy\r\nX-Forwarded-For: ${address}\r\nX-Forwarded-Host: ${host}\r\nUser-Agent: ${userAgent}\r\n\r\n`)
    await once(socket, 'data')
  }
  const port = socket.localPort
  socket.destroy()
  const spans = await serverSpans(clients.length)
  return spans.map(({ attributes }) => {
    if (attributes['network.peer.address'] !== '127.0.0.1' || attributes['network.peer.port'] !== port) throw new Error('not the connection\'s own peer')
    return { path: attributes['url.path'], address: attributes['client.address'], userAgent: attributes['user_agent.original'], host: attributes['server.address'] }
  })
}

for (const [order, clients] of Object.entries({
  'in turn': [ANNA, BERT, ANNA, BERT, ANNA, BERT],
  'in turn, told apart by their address alone': [ANNA, { ...ANNA, address: BERT.address }, ANNA, { ...ANNA, address: BERT.address }],
  'several requests each': [ANNA, ANNA, ANNA, BERT, BERT, BERT, ANNA, ANNA],
  'that differ in one thing': [ANNA, { ...ANNA, userAgent: 'other' }, ANNA, { ...ANNA, host: 'other.example' }, ANNA, { ...ANNA, address: '192.0.2.3' }, ANNA, ANNA]
})) {
  t.test(`clients that share a connection, ${order}: each span states its own`, async t => {
    t.strictSame(await clientsOf(t, clients), clients.map((client, number) => ({ path: `/${number}`, ...client })))
  })
}
