import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import type { RequestListener, Server } from 'node:http'
import t, { type Test } from 'tap'
import { HttpSender, type SenderOptions } from '../../lib/export/http-sender.ts'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encode } from './otlp-messages.ts'
import { RESOURCE, spans } from './parcels.ts'
import { CERTIFICATE, KEY } from './tls-identity.ts'
import { accept, answer, hang, Receiver, type Behaviour } from './receiver.ts'

const body = composeRequest(RESOURCE, [spans(['1', '2'])])
const REQUEST = { signal: 'traces', body } as const

async function receiving (t: Test, ...behaviours: Behaviour[]): Promise<Receiver> {
  const receiver = await Receiver.listen(behaviours)
  t.teardown(async () => { await receiver.close() })
  return receiver
}

function sender (t: Test, options: SenderOptions, onProblem: (problem: string) => void = problem => { t.fail(problem) }): HttpSender {
  const made = new HttpSender(options, onProblem)
  t.teardown(() => { made.close() })
  return made
}

t.test('sends protobuf over a connection that is kept', async t => {
  const receiver = await receiving(t)
  const { send } = bound(sender(t, { url: receiver.url, headers: { 'X-Key': 'k', 'Content-Type': 'text/plain' } }))
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
  t.strictSame(receiver.names, ['1', '2', '1', '2'])
  t.match(receiver.arrivals[0]!.headers, { 'content-type': 'application/x-protobuf', 'x-key': 'k', 'user-agent': 'letta-otel', 'content-length': String(body.length) })
  t.notOk(receiver.arrivals[0]!.headers['content-encoding'], 'on loopback nothing is compressed unless asked for')
  t.equal(receiver.connections, 1)
})

t.test('compresses when asked to', async t => {
  for (const compression of ['gzip', 'zstd'] as const) {
    const receiver = await receiving(t)
    t.strictSame(await sender(t, { url: receiver.url, compression }).send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
    t.equal(receiver.arrivals[0]!.headers['content-encoding'], compression)
    t.same(receiver.arrivals[0]!.body, body)
  }
})

t.test('what is not on loopback is compressed', async t => {
  const receiver = await receiving(t)
  // 0.0.0.0 reaches this machine, but is not an address of loopback.
  await sender(t, { url: receiver.url.replace('127.0.0.1', '0.0.0.0') }).send(REQUEST)
  t.equal(receiver.arrivals[0]!.headers['content-encoding'], 'gzip')
})

t.test('only the statuses that OTLP names are tried again', async t => {
  for (const status of [429, 502, 503, 504]) {
    const receiver = await receiving(t, answer(status))
    t.match(await sender(t, { url: receiver.url }).send(REQUEST), { result: 'retryable', afterMs: undefined, problem: `${receiver.url} answered ${status}` })
  }
  for (const status of [301, 307, 400, 401, 404, 413, 500, 501]) {
    const receiver = await receiving(t, answer(status, { location: 'http://127.0.0.1:1/' }, 'x'.repeat(1_000_000)))
    const problem = `${receiver.url} answered ${status}`
    t.strictSame(await sender(t, { url: receiver.url }).send(REQUEST),
      status === 413 ? { result: 'rejected', problem: `${problem} (request body too large)`, isTooLarge: true } : { result: 'rejected', problem })
    t.equal(receiver.arrivals.length, 1, 'redirects are not followed')
  }
})

t.test('a collector answers 400 to what is too large for it, and says so', async t => {
  // As the receiver of the OpenTelemetry Collector 0.161 answers, in protobuf.
  const receiver = await receiving(t, answer(400, {}, '\x08\x03\x12\x1chttp: request body too large'), answer(400, {}, '\x08\x03\x12\x0eunexpected EOF'))
  const { send } = bound(sender(t, { url: receiver.url }))
  t.match(await send(REQUEST), { result: 'rejected', isTooLarge: true, problem: `${receiver.url} answered 400 (request body too large)` })
  t.strictSame(await send(REQUEST), { result: 'rejected', problem: `${receiver.url} answered 400` })
})

t.test('Retry-After is told in seconds and as a date', async t => {
  const receiver = await receiving(t, answer(429, { 'retry-after': '2' }), answer(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }))
  const { send } = bound(sender(t, { url: receiver.url }))
  t.match(await send(REQUEST), { result: 'retryable', afterMs: 2_000 })
  const outcome = await send(REQUEST)
  if (outcome.result !== 'retryable') throw new Error(outcome.result)
  t.ok(outcome.afterMs! > 50_000 && outcome.afterMs! <= 60_000)
})

t.test('a partial success is a success with a count', async t => {
  const partial = encode('Response', { partialSuccess: { rejected: 1, errorMessage: 'too old, said sesame-key and p4ss' } })
  const receiver = await receiving(t, answer(200, {}, partial), answer(202), answer(200, {}, 'no protobuf at all'), answer(200, {}, 'x'.repeat(1_000_000)))
  const url = receiver.url.replace('//', '//user:p4ss@')
  const { send } = bound(sender(t, { url, headers: { key: 'sesame-key' } }))
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 1, isRead: true, problem: `${receiver.url} took a part only: too old, said … and …` })
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
})

t.test('an endpoint that hangs, closes, is absent or speaks nonsense is tried again', async t => {
  const hanging = await receiving(t, hang)
  t.strictSame(await sender(t, { url: hanging.url, timeoutMs: 50 }).send(REQUEST),
    { result: 'retryable', problem: `${hanging.url} did not answer within 50 ms` })

  const closing = await receiving(t, (_response, { socket }) => { socket.destroy() }, response => { response.writeHead(200, { 'content-length': '10' }).write('x'); response.socket!.destroySoon() })
  t.strictSame(await sender(t, { url: closing.url }).send(REQUEST), { result: 'retryable', problem: `traces cannot be sent to ${closing.url} (ECONNRESET)` })
  t.match(await sender(t, { url: closing.url }).send(REQUEST), { result: 'retryable' }, 'half an answer is none')

  const gone = await Receiver.listen()
  const { url } = gone
  await gone.close()
  t.strictSame(await sender(t, { url }).send(REQUEST), { result: 'retryable', problem: `traces cannot be sent to ${url} (ECONNREFUSED)` })

  const nonsense = createTcpServer(socket => { socket.on('error', () => {}).end('220 smtp.example.com ESMTP\r\n') }).listen(0, '127.0.0.1')
  t.teardown(() => { nonsense.close() })
  await once(nonsense, 'listening')
  t.match(await sender(t, { url: `http://127.0.0.1:${(nonsense.address() as AddressInfo).port}` }).send(REQUEST), { result: 'retryable', problem: /HPE_/ })

  const switching = createTcpServer(socket => {
    socket.on('error', () => {}).on('data', () => { socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n') })
  }).listen(0, '127.0.0.1')
  t.teardown(() => { switching.close() })
  await once(switching, 'listening')
  t.match(await sender(t, { url: `http://127.0.0.1:${(switching.address() as AddressInfo).port}` }).send(REQUEST), { result: 'retryable', problem: /EPROTO/ })
})

t.test('a slow body of an answer counts in the time', async t => {
  const receiver = await receiving(t, response => { response.writeHead(200).write('x') })
  t.match(await sender(t, { url: receiver.url, timeoutMs: 50 }).send(REQUEST), { result: 'retryable' })
})

t.test('a kept connection that was closed meanwhile is no failure', async t => {
  const receiver = await receiving(t, accept, (_response, { socket }) => { socket.destroy() })
  const { send } = bound(sender(t, { url: receiver.url }))
  await send(REQUEST)
  t.strictSame(await send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
  t.equal(receiver.arrivals.length, 3)
})

t.test('an attempt can be given up', async t => {
  const receiver = await receiving(t, hang)
  const abort = new AbortController()
  const sending = sender(t, { url: receiver.url }).send(REQUEST, abort.signal)
  await receiver.until(() => receiver.arrivals.length > 0)
  abort.abort()
  t.strictSame(await sending, { result: 'aborted' })
})

t.test('credentials of the URL become a header, and are told nowhere', async t => {
  const receiver = await receiving(t, accept, answer(500))
  const { send } = bound(sender(t, { url: receiver.url.replace('//', '//us%40er:p4ss@') + '?token=t0ken' }))
  await send(REQUEST)
  t.equal(receiver.arrivals[0]!.headers.authorization, `Basic ${Buffer.from('us@er:p4ss').toString('base64')}`)
  t.equal(receiver.arrivals[0]!.path, '/v1/traces?token=t0ken')
  t.strictSame(await send(REQUEST), { result: 'rejected', problem: `${receiver.url} answered 500` })
})

t.test('a header that cannot be sent is refused at once, and not told', async t => {
  const receiver = await receiving(t)
  const outcome = await sender(t, { url: receiver.url, headers: { 'x-key': 's3cret\n' } }).send(REQUEST)
  t.strictSame(outcome, { result: 'rejected', problem: `traces cannot be sent to ${receiver.url} (ERR_INVALID_CHAR)` })
})

t.test('both sides of a TLS connection show who they are', async t => {
  const folder = temporaryDirectory(t, { 'cert.pem': CERTIFICATE, 'key.pem': KEY })
  const identity = { cert: `${folder}/cert.pem`, key: `${folder}/key.pem` }
  const create = (listener: RequestListener): Server =>
    createHttpsServer({ cert: CERTIFICATE, key: KEY, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: true }, listener)
  const receiver = await Receiver.listen([], 0, create)
  t.teardown(async () => { await receiver.close() })
  const url = receiver.url.replace('http:', 'https:')
  t.strictSame(await sender(t, { url, tls: { ca: `${folder}/cert.pem`, ...identity } }).send(REQUEST), { result: 'accepted', rejected: 0, isRead: true })
  t.strictSame(receiver.names, ['1', '2'])
  t.strictSame(await sender(t, { url, tls: identity }).send(REQUEST),
    { result: 'retryable', problem: `traces cannot be sent to ${url} (DEPTH_ZERO_SELF_SIGNED_CERT)` })
  t.match(await sender(t, { url, tls: { ca: `${folder}/cert.pem` } }).send(REQUEST), { result: 'retryable' })
})

t.test('a TLS file that cannot be read is reported', async t => {
  const problems: string[] = []
  const folder = temporaryDirectory(t, { 'ca.pem': 'no certificate' })
  const secure = sender(t, { url: 'https://127.0.0.1:1/v1/traces', tls: { ca: `${folder}/ca.pem`, cert: `${folder}/absent.pem`, key: undefined } }, problem => { problems.push(problem) })
  t.strictSame(problems, [`the file ${folder}/absent.pem for TLS cannot be read (ENOENT)`])
  t.match(await secure.send(REQUEST), { result: 'retryable' })
})

function bound (made: HttpSender): { send: HttpSender['send'] } {
  return { send: made.send.bind(made) }
}

t.test('an endpoint that answers before it has read everything still reads from the body', async t => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  const sockets: Socket[] = []
  const server = createTcpServer(socket => {
    sockets.push(socket)
    socket.on('close', () => { close() })
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      socket.pause()
    })
    socket.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  // More than the system's buffers on both sides take.
  const large = { signal: 'traces', body: Buffer.alloc(32 * 1024 * 1024) } as const
  t.strictSame(await sender(t, { url: `http://127.0.0.1:${port}` }).send(large), { result: 'accepted', rejected: 0, isRead: false })
  for (const socket of sockets) socket.resume()
  await closed
})
