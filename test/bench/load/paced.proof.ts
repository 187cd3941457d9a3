import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { BenchRequest } from '../workloads/workload.ts'
import { loadPaced } from './paced.ts'

async function serve (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const READ: BenchRequest = { method: 'GET', path: '/read', status: 200 }

t.test('requests leave at the rate, in turn, with their bodies', async t => {
  const seen: string[] = []
  const url = await serve(t, (request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => { seen.push(body) })
    request.on('end', () => {
      seen.push(`${request.method} ${request.url}`)
      response.end('{}')
    })
  })
  const requests: BenchRequest[] = [READ, { method: 'POST', path: '/write', body: { a: 'ä' }, status: 200 }]
  const { requestsPerSecond, wrong, p99 } = await loadPaced({ url, requests, seconds: 1, rate: 50 })
  t.equal(Math.round(requestsPerSecond), 51, 'one at the start, and one every 20 ms')
  t.equal(wrong, 0)
  t.ok(p99 > 0)
  t.equal(seen.filter(line => line === 'GET /read').length, 26)
  t.equal(seen.filter(line => line === 'POST /write').length, 25)
  t.equal(seen.filter(line => line === '{"a":"ä"}').length, 25)
})

t.test('answers in chunks end where they end, and wrong statuses are counted', async t => {
  let count = 0
  const url = await serve(t, (_request, response) => {
    response.statusCode = count++ % 2 === 0 ? 200 : 500
    response.write('data: 0\r\n\r\n')
    setImmediate(() => { response.end('data: [DONE]\n\n') })
  })
  const { wrong } = await loadPaced({ url, requests: [READ], seconds: 1, rate: 20 })
  t.equal(count, 21)
  t.equal(wrong, 10)
})

t.test('a stall counts for every request that was due in it', async t => {
  let stalled = false
  const url = await serve(t, (_request, response) => {
    if (stalled) {
      response.end()
      return
    }
    stalled = true
    const end = performance.now() + 800
    while (performance.now() < end);
    response.end()
  })
  // Client and server are one process, so the client cannot send either: it is the due time that tells.
  const { p50 } = await loadPaced({ url, requests: [READ], seconds: 1, rate: 60 })
  t.ok(p50 > 50, `most requests were due while the server stalled: p50 is ${p50} ms`)
})

t.test('a server that cannot keep up leaves no request unanswered: what found no connection counts with its wait', async t => {
  let count = 0
  const url = await serve(t, (_request, response) => {
    count++
    setTimeout(() => { response.end() }, 400)
  })
  const { wrong, p50, requestsPerSecond } = await loadPaced({ url, requests: [READ], seconds: 1, rate: 1_000 })
  t.equal(wrong, 0)
  t.equal(Math.round(requestsPerSecond), count)
  t.ok(count <= 3 * 64, `${count} requests at 64 in 400 ms`)
  t.ok(p50 > 300, `most of the thousand waited: p50 is ${p50} ms`)
})

t.test('without a rate each connection asks again when it is answered', async t => {
  let count = 0
  const url = await serve(t, (_request, response) => {
    count++
    response.end('{}')
  })
  const { wrong } = await loadPaced({ url, requests: [READ], seconds: 1 })
  t.ok(count > 64, `${count} requests over 64 connections`)
  t.equal(wrong, 0)
})
