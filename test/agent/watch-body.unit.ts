import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { ReadNotes } from '../../lib/agent/follow-stream.ts'
import { watchBody } from '../../lib/agent/watch-body.ts'

const NO_NOTES: ReadNotes = { chunk () {}, done () {}, fail () {}, stop () {} }

function watched (pull: (controller: ReadableByteStreamController) => void | Promise<void>, log: string[]): Response {
  const body = new ReadableStream({ type: 'bytes', pull, cancel (reason) { log.push(`cancel ${String(reason)}`) } }, { highWaterMark: 0 })
  const response = new Response(body)
  return watchBody(response, response.body!, {
    chunk (chunk) { log.push(`bytes ${(chunk as Uint8Array).byteLength}`) },
    done () { log.push('done') },
    fail (error) { log.push(`fail ${String(error)}`) },
    stop () { log.push('stop') }
  })
}

t.test('one chunk is read for each that is asked for, and none before', async t => {
  const log: string[] = []
  const { body } = watched(controller => { log.push('pull'); controller.enqueue(new Uint8Array(3)) }, log)
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(log, [])
  const reader = body!.getReader()
  for (let n = 0; n < 3; n++) await reader.read()
  await new Promise(resolve => { setImmediate(resolve) })
  t.strictSame(log, ['pull', 'bytes 3', 'pull', 'bytes 3', 'pull', 'bytes 3'])
  await reader.cancel('enough')
  t.strictSame(log.slice(6), ['stop', 'cancel enough'])
})

t.test('the end and a failure are those of the source', async t => {
  const log: string[] = []
  t.equal((await watched(controller => { controller.close(); controller.byobRequest?.respond(0) }, log).arrayBuffer()).byteLength, 0)
  const error = new RangeError('broken')
  await t.rejects(watched(controller => { controller.error(error) }, log).arrayBuffer(), error)
  t.strictSame(log, ['done', 'fail RangeError: broken'])
})

t.test('a body of which no Response can be made stays its owner\'s', async t => {
  const response = Object.defineProperty(new Response('kept'), 'status', { value: 999 })
  const untold = (): never => { throw new Error('nothing was read') }
  t.throws(() => { watchBody(response, response.body!, { chunk: untold, done: untold, fail: untold, stop: untold }) }, RangeError)
  t.equal(await response.text(), 'kept')
})

t.test('chunks that share memory, or are used again', async t => {
  const bytes = new TextEncoder().encode('hello world!')
  const cases: Array<[name: string, chunks: () => Uint8Array[], text: string]> = [
    ['two views of one buffer', () => [bytes.subarray(0, 6), bytes.subarray(6)], 'hello world!'],
    ['a pooled Buffer', () => [Buffer.from('{"a":'), Buffer.from('1}')], '{"a":1}'],
    ['one chunk twice', () => [bytes, bytes], 'hello world!hello world!'],
    ['empty chunks', () => [new Uint8Array(0), bytes, new Uint8Array(0)], 'hello world!']
  ]
  for (const [name, chunks, text] of cases) {
    let seen = ''
    const response = new Response(new ReadableStream({
      start (controller) { for (const chunk of chunks()) controller.enqueue(chunk); controller.close() }
    }))
    t.equal(await watchBody(response, response.body!, { ...NO_NOTES, chunk (chunk) { seen += Buffer.from(chunk as Uint8Array).toString() } }).text(), text, name)
    t.equal(seen, text, `${name}, as it was noted`)
  }
  t.equal(Buffer.from(bytes).toString(), 'hello world!', 'the source keeps what is its own')
})

t.test('a copy says where it came from as well', async t => {
  const response = Object.defineProperty(new Response('{}'), 'url', { value: 'https://api.example/v1' })
  const watched = watchBody(response, response.body!, NO_NOTES)
  const copy = watched.clone().clone()
  t.equal(copy.url, 'https://api.example/v1')
  t.equal(await copy.text(), '{}')
  t.equal(await watched.text(), '{}')
  t.throws(() => watched.clone(), TypeError, 'what was read cannot be copied')
})

t.test('a body that is no web stream is handed on', t => {
  const log: string[] = []
  const response = { body: {}, url: 'x' } as unknown as Response
  t.equal(watchBody(response, response.body!, { ...NO_NOTES, stop () { log.push('stop') } }), response)
  t.strictSame(log, ['stop'])
  t.end()
})

/** Answers that begin and never end. */
async function endless (t: { teardown: (work: () => void) => void }): Promise<{ url: string, sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {}\n\n')
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => { sockets.delete(socket) })
  })
  t.teardown(() => { server.close(); server.closeAllConnections() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function watchedFetch (url: string): Promise<Response> {
  const response = await fetch(url)
  return watchBody(response, response.body!, NO_NOTES)
}

t.test('a response that nobody reads gives its connection back, as without being watched', async t => {
  const [plain, watched] = [await endless(t), await endless(t)]
  // Outside this frame nothing may hold the responses.
  await (async () => { for (let n = 0; n < 3; n++) await Promise.all([fetch(plain.url), watchedFetch(watched.url)]) })()
  t.ok(plain.sockets.size > 0 && watched.sockets.size > 0, 'they are open')
  for (let round = 0; round < 200 && plain.sockets.size + watched.sockets.size > 0; round++) {
    collectGarbage()
    await wait(50)
  }
  t.equal(plain.sockets.size, 0, 'of a fetch that nobody watches')
  t.equal(watched.sockets.size, 0)
})

t.test('a response that will be read is not given up before', async t => {
  const { url } = await endless(t)
  const watched = await watchedFetch(url)
  for (let round = 0; round < 20; round++) {
    collectGarbage()
    await wait(5)
  }
  const reader = watched.body!.getReader()
  t.equal(Buffer.from((await reader.read()).value!).toString(), 'data: {}\n\n')
  await reader.cancel()
})
