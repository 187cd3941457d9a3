import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { downloadFile, downloadText } from '../../lib/collector/download.ts'
import { ReleaseClient } from '../../lib/collector/release-client.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { breakOff, ReleaseServer, serve, stall, status, type Answer } from './release-server.ts'
import { IMPATIENT } from './impatient.ts'

const FILE = Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => index % 251))

async function prepare (t: Test, begun: Buffer, ...answers: Answer[]) {
  const server = await ReleaseServer.listen(t)
  server.put('/file', FILE, ...answers)
  const path = join(temporaryDirectory(t, { file: '' }), 'file')
  writeFileSync(path, begun)
  const client = new ReleaseClient({}, IMPATIENT)
  t.teardown(() => client.close())
  const progress: Array<[bytes: number, total: number | undefined]> = []
  const fetch = async (maxBytes = 10_000_000): Promise<void> => {
    await downloadFile(client, server.url('/file'), path, { maxBytes, patience: IMPATIENT, onProgress: (...seen) => { progress.push(seen) } })
  }
  return { server, path, fetch, progress, ranges: () => server.requests.map(({ headers }) => headers.range), client }
}

const NOTHING = Buffer.alloc(0)

t.test('a file, with progress', async t => {
  const { fetch, path, progress, server } = await prepare(t, NOTHING)
  await fetch()
  t.strictSame(readFileSync(path), FILE)
  t.strictSame(progress.at(-1), [FILE.length, FILE.length])
  t.strictSame(server.requests.map(({ headers }) => [headers['accept-encoding'], headers['user-agent'], headers.authorization]), [['identity', 'letta-otel', undefined]])
})

t.test('a connection that breaks costs no byte twice', async t => {
  const { fetch, path, ranges, server } = await prepare(t, NOTHING, breakOff, breakOff, breakOff, serve)
  await fetch()
  t.strictSame(readFileSync(path), FILE)
  const [first, ...others] = ranges()
  t.equal(first, undefined)
  const from = others.map(range => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]))
  t.ok(from.length === 3 && from[0]! > 0 && from[0]! < from[1]! && from[1]! < from[2]!, from.join())
  t.type(server.requests[1]?.headers['if-range'], 'string', 'of the same file')
})

t.test('it may break more often than it may fail, while it brings something', async t => {
  const { fetch, path, server } = await prepare(t, NOTHING, ...Array.from({ length: 5 }, () => breakOff), serve)
  await fetch()
  t.strictSame(readFileSync(path), FILE)
  t.equal(server.requests.length, 6)
  t.ok(IMPATIENT.attempts < 5)
})

t.test('a file that changed in between is fetched whole', async t => {
  const { fetch, path, server } = await prepare(t, NOTHING, breakOff, (response, request, body) => {
    const other = Buffer.from(body).reverse()
    server.put('/file', other)
    serve(response, request, other)
  })
  await fetch()
  t.strictSame(readFileSync(path), Buffer.from(FILE).reverse())
})

t.test('what was begun before is gone on with', async t => {
  const { fetch, path, ranges } = await prepare(t, FILE.subarray(0, 70_000))
  await fetch()
  t.strictSame(readFileSync(path), FILE)
  t.strictSame(ranges(), ['bytes=70000-'])
})

t.test('what is there already is not fetched', async t => {
  const { fetch, path, ranges } = await prepare(t, FILE)
  await fetch()
  t.strictSame(readFileSync(path), FILE)
  t.strictSame(ranges(), [`bytes=${FILE.length}-`])
})

t.test('what is longer than the file begins again', async t => {
  const { fetch, path, ranges } = await prepare(t, Buffer.alloc(FILE.length + 1))
  await fetch()
  t.strictSame(readFileSync(path), FILE)
  t.strictSame(ranges(), [`bytes=${FILE.length + 1}-`, undefined])
})

t.test('a server that knows no ranges', async t => {
  const { fetch, path } = await prepare(t, FILE.subarray(0, 10), (response, _request, body) => { response.end(body) })
  await fetch()
  t.strictSame(readFileSync(path), FILE)
})

t.test('a server that sends another part', async t => {
  const { fetch } = await prepare(t, FILE.subarray(0, 10), (response, _request, body) => {
    response.writeHead(206, { 'content-range': `bytes 0-9/${body.length}` }).end(body.subarray(0, 10))
  })
  await t.rejects(fetch(), { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', message: /another part than was asked for/ })
})

t.test('a server that is not ready is asked again', async t => {
  for (const code of [408, 429, 500, 502, 503, 504]) {
    const { fetch, path, server } = await prepare(t, NOTHING, status(code, { 'retry-after': '0' }), serve)
    await fetch()
    t.strictSame(readFileSync(path), FILE)
    t.equal(server.requests.length, 2, String(code))
  }
})

t.test('but not for ever', async t => {
  const { fetch, server } = await prepare(t, NOTHING, status(503))
  await t.rejects(fetch(), {
    code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED',
    message: /^the download of http:\/\/127\.0\.0\.1:\d+\/file failed: the server answered 503\. In a closed network, name a mirror/
  })
  t.equal(server.requests.length, IMPATIENT.attempts)
})

t.test('a refusal is one at once', async t => {
  for (const [code, fix] of [[404, /Check that the release, or the mirror, has this file$/], [403, /In a closed network/], [401, /In a closed network/]] as const) {
    const { fetch, server } = await prepare(t, NOTHING, status(code))
    await t.rejects(fetch(), { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', message: new RegExp(`the server answered ${code}\\. ${fix.source}`) })
    t.equal(server.requests.length, 1)
  }
})

t.test('a server that falls silent, and one that never speaks', async t => {
  const silent = await prepare(t, NOTHING, stall, serve)
  await silent.fetch()
  t.strictSame(readFileSync(silent.path), FILE, 'what stalls is begun again')
  const { client, server } = await prepare(t, NOTHING, () => {})
  const once = { maxBytes: 100, patience: { ...IMPATIENT, attempts: 1 } }
  await t.rejects(downloadText(client, server.url('/file'), once), { code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', message: /Timeout/i })
})

t.test('a server that is slow for too long', async t => {
  const { server, path, client } = await prepare(t, NOTHING, (response, _request, body) => {
    let at = 0
    const timer = setInterval(() => { response.write(body.subarray(at, ++at)) }, 5)
    response.writeHead(200, { 'content-length': body.length }).on('close', () => { clearInterval(timer) })
  })
  const patience = { ...IMPATIENT, totalMs: 200 }
  await t.rejects(downloadFile(client, server.url('/file'), path, { maxBytes: 10_000_000, patience }), { message: /failed: it took too long\./ })
  t.ok(statSync(path).size > 0, 'what came is kept')
  server.put('/text', FILE, status(503, { 'retry-after': '60' }))
  await t.rejects(downloadText(client, server.url('/text'), { maxBytes: 1_000, patience }), { message: /failed: it took too long\./ }, 'so is one that asks for more patience')
})

t.test('more than is allowed, announced or not', async t => {
  const announced = await prepare(t, NOTHING)
  await t.rejects(announced.fetch(FILE.length - 1), { message: /it is larger than 1999999 bytes/ })
  t.equal(statSync(announced.path).size, 0)
  const secret = await prepare(t, NOTHING, (response, _request, body) => {
    response.write(body.subarray(0, 100_000), () => { response.end(body.subarray(100_000)) })
  })
  await t.rejects(secret.fetch(FILE.length - 1), { message: /it is larger than 1999999 bytes/ })
  t.ok(statSync(secret.path).size < FILE.length)
  t.equal(secret.server.requests.length, 1)
})

t.test('a text', async t => {
  const server = await ReleaseServer.listen(t)
  const client = new ReleaseClient({}, IMPATIENT)
  t.teardown(() => client.close())
  server.put('/text', 'Grüße', breakOff, serve)
  t.equal(await downloadText(client, server.url('/text'), { maxBytes: 100, patience: IMPATIENT }), 'Grüße')
  await t.rejects(downloadText(client, server.url('/text'), { maxBytes: 4, patience: IMPATIENT }), { message: /it is larger than 4 bytes/ })
  await t.rejects(downloadText(client, new URL('http://127.0.0.1:1/text'), { maxBytes: 4, patience: IMPATIENT }), {
    code: 'LETTA_OTEL_COLLECTOR_DOWNLOAD_FAILED', message: /127\.0\.0\.1:1\/text failed: .*ECONNREFUSED/
  })
})

t.test('a disk that is full is not the server’s fault', { skip: statSync('/dev/full', { throwIfNoEntry: false }) === undefined && 'no /dev/full here' }, async t => {
  const { client, server } = await prepare(t, NOTHING)
  await t.rejects(downloadFile(client, server.url('/file'), '/dev/full', { maxBytes: 10_000_000, patience: IMPATIENT }), { code: 'ENOSPC' })
})
