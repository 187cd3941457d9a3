/** A collector whose answers are no HTTP, no protobuf, or end too early. */
import type { ServerResponse } from 'node:http'
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

/** None of these is an answer: the request has to come again. */
const NO_ANSWERS: ReadonlyArray<(response: ServerResponse) => void> = [
  ({ socket }) => { socket?.end('\x16\x03\x01 this is no HTTP \x00\xff\r\n\r\n') },
  ({ socket }) => { socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\ntoo short') },
  ({ socket }) => { socket?.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nno chunk\r\n') },
  ({ socket }) => { socket?.end('HTTP/1.1 200 OK\r\nx: ' + 'y'.repeat(100_000)) }
]

await scenario('answers garbage', async s => {
  const app = await s.startApp()
  await s.send(app, 2)
  let requests = 0
  s.collector.behave = (response, arrival) => {
    const fault = arrival.spans.length === 0 ? undefined : NO_ANSWERS[requests++]
    if (fault !== undefined) fault(response)
    // Taken, with an answer that says nothing that could be read.
    else if (requests % 2 === 0) response.writeHead(200).end(Buffer.from('\xff\xff\xff\xff no protobuf', 'latin1'))
    else accept(response, arrival)
  }
  await s.send(app, 12)
  await s.checkAllArrived(app)
  s.check('every kind of garbage was answered', requests > NO_ANSWERS.length, requests)
  return await s.observed(app)
})
