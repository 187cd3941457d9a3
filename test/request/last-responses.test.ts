import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import lettaOtel from '../../lib/index.ts'
import { Receiver } from '../export/receiver.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const CLIENTS = 10

// What a run could not send is not for the next one.
process.env['LETTA_DIR'] = temporaryDirectory(t)
// As the receiver reads it.
process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'http/protobuf'

for (const engine of ['fast', 'sdk'] as const) {
  t.test(`requests whose connections are lost as the application closes are sent, with engine '${engine}'`, async t => {
    const receiver = await Receiver.listen()
    t.teardown(async () => { await receiver.close() })
    const app = Fastify()
    await app.register(lettaOtel, { destination: 'otlp', endpoint: `http://127.0.0.1:${receiver.port}`, instrumentations: false, engine })
    const { promise: allArrived, resolve } = Promise.withResolvers<void>()
    let arrived = 0
    app.get('/never', async () => {
      if (++arrived === CLIENTS) resolve()
      return await new Promise(() => {})
    })
    const served: Socket[] = []
    app.server.on('connection', socket => served.push(socket))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as AddressInfo
    const clients = Array.from({ length: CLIENTS }, () => connect(port, '127.0.0.1').on('error', () => {}))
    t.teardown(() => { for (const client of clients) client.destroy() })
    for (const client of clients) {
      await once(client, 'connect')
      client.write('GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n')
    }
    await allArrived
    for (const socket of served) socket.destroy()
    await app.close()
    t.equal(receiver.names.filter(name => name === 'GET /never').length, CLIENTS)
  })
}
