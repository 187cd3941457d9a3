import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { SIGNALS } from '../../../lib/export/parcel.ts'
import { loadReadOtlpJson } from '../../../lib/export/read-otlp-json.ts'
import { readPartialSuccess } from '../../../lib/export/partial-success.ts'
import { runningBackend } from '../running-backend.ts'
import { sampleRequests, SPAN_ID, spansRequest, TRACE_ID } from '../sample-requests.ts'

const KIBIBYTE = 1024
const backend = await runningBackend(t, { limits: { maxBodyBytes: 256 * KIBIBYTE, maxDecompressedBytes: 1024 * KIBIBYTE } })
const readJson = await loadReadOtlpJson()

/** `google.rpc.Status` in protobuf. */
function readStatus (bytes: Uint8Array): { code: number, message: string } {
  const [tag, code, textTag] = bytes
  t.strictSame([tag, textTag], [0x08, 0x12], 'code and message')
  return { code: code!, message: Buffer.from(bytes.subarray(bytes[4]! < 0x80 && bytes[3]! >= 0x80 ? 5 : 4)).toString() }
}

t.test('each signal is taken in both encodings, whatever the compression', async t => {
  for (const signal of SIGNALS) {
    const json = JSON.stringify(sampleRequests()[signal])
    const protobuf = readJson(signal, json)
    for (const [encoding, compress] of [['gzip', gzipSync], ['zstd', zstdCompressSync], ['deflate', deflateSync], ['identity', Buffer.from]] as const) {
      for (const body of [json, protobuf]) {
        const contentType = typeof body === 'string' ? 'application/json; charset=utf-8' : 'application/x-protobuf'
        const answer = await backend.send(signal, compress(Buffer.from(body as string)), { 'content-type': contentType, 'content-encoding': encoding })
        t.equal(answer.status, 200)
        t.equal(answer.headers.get('content-type'), contentType.split(';')[0])
        t.equal(await answer.text(), typeof body === 'string' ? '{}' : '')
      }
    }
    t.equal((await backend.send(signal, new Uint8Array(0))).status, 200, 'an empty request is one')
  }
  await backend.flush()
  t.match(await backend.rows('SELECT count() AS rows FROM otel_logs'), [{ rows: '16' }])
})

t.test('what cannot be kept of a request is counted in its answer', async t => {
  const { traces } = sampleRequests()
  const now = String(BigInt(Date.now()) * 1_000_000n)
  const time = { startTimeUnixNano: now, endTimeUnixNano: now }
  const spans = [
    { traceId: TRACE_ID, spanId: SPAN_ID, name: 'partial', ...time }, { traceId: '00', spanId: SPAN_ID, ...time }, { traceId: TRACE_ID, spanId: '0'.repeat(16), ...time },
    { traceId: TRACE_ID, spanId: SPAN_ID, startTimeUnixNano: '18446744073709551615' }
  ]
  traces.resourceSpans[0].scopeSpans[0].spans = spans
  const json = JSON.stringify(traces)
  const message = 'trace_id is not 16 bytes, or zero; span_id is not 8 bytes, or zero; start_time_unix_nano is after the year 2262'
  t.strictSame(await (await backend.send('traces', json)).json(), { partialSuccess: { rejectedSpans: '3', errorMessage: message } })
  const answer = await backend.send('traces', readJson('traces', json))
  t.strictSame(readPartialSuccess(new Uint8Array(await answer.arrayBuffer())), { rejected: 3, message })
  const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'no data' }, { name: 'g', gauge: { dataPoints: [{ timeUnixNano: '18446744073709551615' }] } }] }] }] }
  t.match(await (await backend.send('metrics', JSON.stringify(metrics))).json(), { partialSuccess: { rejectedDataPoints: '2' } })
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId: '0102' }, { spanId: '0102' }] }] }] }
  t.match(await (await backend.send('logs', JSON.stringify(logs))).json(), { partialSuccess: { rejectedLogRecords: '2' } })
  await backend.flush()
  t.match(await backend.rows("SELECT count() AS rows FROM otel_traces WHERE SpanName = 'partial'"), [{ rows: '2' }], 'once in each encoding')
  t.match(backend.figures.rejected, { traces: 6, metrics: 2, logs: 2 })
})

t.test('what is no request is refused whole, with a status in its own encoding', async t => {
  const before = backend.figures.received
  const whole = readJson('traces', spansRequest(3))
  const broken = [
    Buffer.from('abc'), whole.subarray(0, whole.length - 1), Buffer.concat([whole, Buffer.from([0x0f])]), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0x00, 0x00])
  ]
  for (const body of broken) {
    const answer = await backend.send('traces', body)
    t.equal(answer.status, 400)
    t.equal(answer.headers.get('content-type'), 'application/x-protobuf')
    t.match(readStatus(new Uint8Array(await answer.arrayBuffer())), { code: 3, message: /the body is no OTLP request/ })
  }
  const deep = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(200)}${']}}'.repeat(200)}}]}]}]}`
  for (const body of ['', '{', '[]', 'null', '{"resourceSpans":{}}', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}', '{"resourceSpans":[1]}', deep]) {
    const answer = await backend.send(body === deep ? 'logs' : 'traces', body)
    t.equal(answer.status, 400, body.slice(0, 60))
    t.match(await answer.json(), { code: 3, message: /the body is no OTLP request/ })
  }
  t.equal((await backend.send('traces', Buffer.from('{}'), { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status, 400, 'not gzip')
  t.strictSame(backend.figures.received, before, 'nothing of them was taken')
})

t.test('values that nest too deep are refused, in protobuf too', async t => {
  let value: Buffer = Buffer.from([0x0a, 0x00])
  const wrap = (tag: number, inner: Buffer): Buffer => {
    const length: number[] = []
    for (let rest = inner.length; ; rest >>>= 7) {
      if (rest < 128) {
        length.push(rest)
        break
      }
      length.push(rest & 127 | 128)
    }
    return Buffer.concat([Buffer.from([tag, ...length]), inner])
  }
  for (let depth = 0; depth < 1_000; depth++) value = wrap(0x2a, wrap(0x0a, value))
  const record = wrap(0x2a, value)
  const answer = await backend.send('logs', wrap(0x0a, wrap(0x12, wrap(0x12, record))))
  t.equal(answer.status, 400)
})

t.test('bodies that are too large, as sent or when they are decompressed, are refused', async t => {
  const large = await backend.send('traces', Buffer.alloc(300 * KIBIBYTE))
  t.equal(large.status, 413)
  t.match(readStatus(new Uint8Array(await large.arrayBuffer())), { code: 11 })
  const zeros = Buffer.alloc(64 * 1024 * KIBIBYTE)
  for (const [encoding, bomb] of [['gzip', gzipSync(zeros)], ['zstd', zstdCompressSync(zeros)], ['deflate', deflateSync(zeros)]] as const) {
    t.ok(bomb.length < 256 * KIBIBYTE)
    const answer = await backend.send('logs', bomb, { 'content-encoding': encoding, 'content-type': 'application/json' })
    t.equal(answer.status, 413, encoding)
    t.match(await answer.json(), { code: 11, message: /more than 1048576 bytes when it is decompressed/ })
  }
})

t.test('other methods, types and encodings are told what is there', async t => {
  const get = await fetch(`${backend.url}/v1/traces`)
  t.equal(get.status, 405)
  t.equal(get.headers.get('allow'), 'POST')
  for (const [type, named] of [['text/plain', 'text/plain'], [';;;', ';;;'], ['', ''], [`text/${'x'.repeat(100)}`, `text/${'x'.repeat(35)}`]] as const) {
    const answer = await backend.send('traces', Buffer.from('x'), { 'content-type': type })
    t.equal(answer.status, 415, type)
    t.strictSame(readStatus(new Uint8Array(await answer.arrayBuffer())), { code: 3, message: `Content-Type ${JSON.stringify(named)} is not one of application/x-protobuf, application/json` })
  }
  const encoding = await backend.send('traces', '{}', { 'content-encoding': 'br' })
  t.equal(encoding.status, 415)
  t.match(await encoding.json(), { message: 'Content-Encoding "br" is not one of gzip, zstd, deflate' })
  t.equal((await fetch(`${backend.url}/v1/profiles`, { method: 'POST' })).status, 404)
})

t.test('a body that stops on its way takes nothing with it', async t => {
  const { hostname, port } = new URL(backend.url)
  const cut = httpRequest({ hostname, port, path: '/v1/traces', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 1_000 } })
  cut.on('error', () => {})
  cut.write('{"resourceSpans":')
  await once(cut, 'socket')
  cut.destroy()
  t.equal((await backend.send('traces', spansRequest(1))).status, 200)
})

t.test('many at a time lose nothing', async t => {
  await backend.flush()
  const [before] = await backend.rows<{ rows: string }>('SELECT count() AS rows FROM otel_traces')
  const requests = Array.from({ length: 200 }, (_, index) => spansRequest(20, index * 20 + 1_000))
  const statuses = await Promise.all(requests.map(async (body, index) => (await backend.send('traces', index % 2 === 0 ? body : readJson('traces', body))).status))
  t.strictSame(new Set(statuses), new Set([200]))
  await backend.flush()
  const [after] = await backend.rows<{ rows: string, ids: string }>("SELECT count() AS rows, uniqExactIf(SpanId, SpanName = 'GET /agents') AS ids FROM otel_traces")
  t.equal(Number(after!.rows) - Number(before!.rows), 4_000)
  t.ok(Number(after!.ids) >= 4_000)
})

t.test('where too much waits, senders are told to come back', async t => {
  await backend.close()
  const small = await runningBackend(t, { limits: { maxReadingBytes: 1 } })
  const { hostname, port } = new URL(small.url)
  const headers = { 'content-type': 'application/json', 'content-length': 1_000 }
  const slow = httpRequest({ hostname, port, path: '/v1/traces', method: 'POST', headers })
  slow.on('error', () => {})
  slow.write('{')
  let answer = await small.send('traces', spansRequest(1))
  // The first may be read before the other one has arrived.
  while (answer.status === 200) answer = await small.send('traces', spansRequest(1))
  t.equal(answer.status, 429)
  t.equal(answer.headers.get('retry-after'), '1')
  t.match(await answer.json(), { code: 8, message: /waits to be stored/ })
  t.ok(small.figures.refusedRequests.traces > 0)
  const whole = once(slow, 'response')
  slow.end(`"resourceSpans":[]}${' '.repeat(980)}`)
  const [response] = await whole
  t.equal(response.statusCode, 200)
  await buffer(response)
  t.equal((await small.send('traces', spansRequest(1))).status, 200, 'and then it is taken')
})

t.test('bodies of unknown length are counted as they come', async t => {
  const small = await runningBackend(t, { limits: { maxReadingBytes: 100 * KIBIBYTE, maxBodyBytes: 200 * KIBIBYTE } })
  const { hostname, port } = new URL(small.url)
  const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
  const chunked = () => {
    const sent = httpRequest({ hostname, port, path: '/v1/logs', method: 'POST', headers, agent: false })
    sent.on('error', () => {})
    const answer = once(sent, 'response').then(([response]) => response as IncomingMessage)
    return { sent, answer }
  }
  const slow = chunked()
  slow.sent.write(`{"resourceLogs":[]${' '.repeat(90 * KIBIBYTE)}`)
  // What came of it is not known before another one is refused.
  const refusing = async (): Promise<IncomingMessage> => {
    for (;;) {
      const other = chunked()
      other.sent.end(`{"resourceLogs":[]${' '.repeat(20 * KIBIBYTE)}}`)
      const answer = await other.answer
      if (answer.statusCode !== 200) return answer
      answer.resume()
    }
  }
  const refused = await refusing()
  t.match([refused.statusCode, refused.headers['retry-after'], refused.headers.connection], [429, '1', /close|keep-alive/])
  t.match(JSON.parse((await buffer(refused)).toString()), { code: 8, message: /waits to be stored/ })
  slow.sent.end(`${' '.repeat(50 * KIBIBYTE)}}`)
  t.equal((await slow.answer).statusCode, 200, 'one that is alone has its own limit')
  const large = chunked()
  large.sent.end(' '.repeat(250 * KIBIBYTE))
  const tooLarge = await large.answer
  t.equal(tooLarge.statusCode, 413)
  t.match(JSON.parse((await buffer(tooLarge)).toString()), { code: 11, message: /more than 204800 bytes/ })
  t.equal((await small.send('logs', `{"resourceLogs":[]}${' '.repeat(99 * KIBIBYTE)}`)).status, 200, 'and nothing is held any more')
})

t.test('what bodies become is counted while it does', async t => {
  const small = await runningBackend(t, { limits: { maxReadingBytes: 4 * 1024 * KIBIBYTE } })
  const body = gzipSync(`{"resourceLogs":[]}${' '.repeat(3 * 1024 * KIBIBYTE)}`)
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await small.send('logs', body, headers)).status))
  t.ok(statuses.includes(200) && statuses.every(status => status === 200 || status === 429), statuses.join())
  t.equal(small.figures.refusedRequests.logs, statuses.filter(status => status === 429).length)
  t.equal((await small.send('logs', body, headers)).status, 200)
})

t.test('large compressed bodies that would wait too long are sent back, the others are taken', async t => {
  const small = await runningBackend(t, { limits: { maxWaitMs: 1 } })
  const body = gzipSync(`{"resourceLogs":[]}${' '.repeat(16 * 1024 * KIBIBYTE)}`)
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  t.equal((await small.send('logs', body, headers)).status, 200, 'one that is alone waits for nobody')
  const answers = await Promise.all(Array.from({ length: 12 }, async () => await small.send('logs', body, headers)))
  const refused = answers.filter(({ status }) => status === 429)
  // Which of them come while two are under way is for the machine.
  t.ok(refused.length > 0, `${refused.length} were sent back`)
  t.ok(refused.length <= 10, 'two at a time are taken')
  t.equal(answers.filter(({ status }) => status === 200).length, 12 - refused.length)
  for (const answer of refused) t.match([answer.headers.get('retry-after'), await answer.json()], ['1', { code: 8, message: /waits to be stored/ }])
  t.equal(small.figures.refusedRequests.logs, refused.length)
  t.equal((await small.send('logs', '{}', { 'content-type': 'application/json' })).status, 200)
  t.equal((await small.send('logs', body, headers)).status, 200, 'and when they are done, the next one is')
})

t.test('what is small and would take all memory is refused', async t => {
  const open = await runningBackend(t)
  const objects = Buffer.from(`{"resourceSpans":[${'{},'.repeat(2_000_001)}{}]}`)
  const answer = await open.send('traces', gzipSync(objects), { 'content-encoding': 'gzip', 'content-type': 'application/json' })
  t.match([answer.status, await answer.json()], [413, { code: 11, message: /more than 2000000 values/ }])
  const stringValue = 'x'.repeat(1024 * KIBIBYTE)
  const logs = { resourceLogs: [{ resource: { attributes: [{ key: 'large', value: { stringValue } }] }, scopeLogs: [{ logRecords: Array(2_000).fill({}) }] }] }
  const repeated = await open.send('logs', gzipSync(JSON.stringify(logs)), { 'content-encoding': 'gzip', 'content-type': 'application/json' })
  t.match([repeated.status, await repeated.json()], [413, { code: 11, message: /the rows of the request take more than/ }])
  t.strictSame([open.figures.received.logs, open.figures.waitingBytes], [0, 0], 'nothing of it is left')
  t.equal((await open.send('logs', JSON.stringify(sampleRequests().logs))).status, 200)
  await open.flush()
  t.strictSame([open.figures.lost, open.problems], [{ traces: 0, metrics: 0, logs: 0 }, []])
})

t.test('very many attributes are sorted like few', async t => {
  const open = await runningBackend(t)
  const attributes = Array.from({ length: 200_000 }, (_, index) => ({ key: `k${String(200_000 - index).padStart(6, '0')}`, value: { intValue: '1' } }))
  const few = [{ key: 'b', value: { stringValue: '1' } }, { key: 'a', value: { stringValue: '2' } }, { key: 'b', value: { stringValue: '3' } }]
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [...attributes, ...few] }] }] }] }
  t.equal((await open.send('logs', readJson('logs', JSON.stringify(logs)))).status, 200)
  await open.flush()
  t.strictSame(await open.rows('SELECT length(mapKeys(LogAttributes)) AS many, mapKeys(LogAttributes) = arraySort(mapKeys(LogAttributes)) AS isSorted, arraySlice(mapValues(LogAttributes), 1, 3) AS first FROM otel_logs'),
    [{ many: '200003', isSorted: 1, first: ['2', '1', '3'] }], 'what has the same key stays in its order')
})

t.test('bytes that were changed on their way do no harm', async t => {
  const changed = await runningBackend(t)
  let seed = 1
  const random = (many: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(seed / 2 ** 32 * many)
  }
  const pieces = ['null', '"', '{', '[', '1e999', '-1', '}', '""', '99999999999999999999', '\\ud800', '0.5']
  const statuses = new Set<number>()
  for (const signal of SIGNALS) {
    const json = JSON.stringify(sampleRequests()[signal])
    const protobuf = readJson(signal, json)
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(protobuf)
      for (let changes = random(3); changes >= 0; changes--) bytes[random(bytes.length)] = random(256)
      const at = random(bytes.length)
      const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(3))])
      const place = random(json.length)
      for (const body of [bytes, shorter, json.slice(0, place) + pieces[random(pieces.length)]! + json.slice(place + random(3))]) statuses.add((await changed.send(signal, body)).status)
    }
  }
  t.strictSame([...statuses].sort(), [200, 400])
  await changed.flush()
  t.match(changed.figures, { lost: { traces: 0, metrics: 0, logs: 0 }, waitingBytes: 0, written: Object.values(changed.figures.received).reduce((sum, rows) => sum + rows) })
  t.strictSame(changed.problems, [])
})
