import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import type { QueryRequest } from '../../../lib/backend/clickhouse/query-request.ts'
import { sendAnswer } from '../../../lib/backend/clickhouse/send-answer.ts'

const ASKED = { acceptsEncoding: true } as QueryRequest

/** Before version 24, Node says no `close` of a response whose connection ends while it waits behind another. */
for (const encoding of ['identity', 'zstd']) {
  t.test(`a large answer that waits behind another one is given up when its client leaves: ${encoding}`, async t => {
    const requests: Array<[IncomingMessage, ServerResponse]> = []
    const both = Promise.withResolvers<void>()
    const server = createServer((request, response) => {
      if (requests.push([request, response]) === 2) both.resolve()
    })
    t.teardown(() => { server.close() })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
    const head = `GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${encoding}\r\n\r\n`
    client.write(head + head)
    await both.promise
    const [request, response] = requests[1]!
    const sent = sendAnswer(request, response, ASKED, { format: 'TSV', parts: [Buffer.alloc(10_000_000, 'answer')] } as unknown as Parameters<typeof sendAnswer>[3])
    client.destroy()
    await t.rejects(sent)
    t.equal(request.socket.listeners('close').some(({ name }) => name === 'leave'), false)
    await t.rejects(sendAnswer(request, response, ASKED, { format: 'TSV', parts: [Buffer.alloc(10_000_000)] } as unknown as Parameters<typeof sendAnswer>[3]), 'nor is one begun for it')
  })
}
