import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { encode } from '../../export/otlp-messages.ts'
import { countLogRecords, countSpans } from './count-otlp.ts'
import { decodeMsgpack } from './decode-msgpack.ts'
import { Sink } from './sink.ts'

const id = (text: string, bytes: number): Buffer => createHash('sha256').update(text).digest().subarray(0, bytes)

/** A request of one span without a parent, one that says it has none, and two with one. */
function traces (): Uint8Array {
  const span = (name: string, parent?: Uint8Array): Record<string, unknown> => ({
    traceId: id('trace', 16), spanId: id(name, 8), ...(parent === undefined ? {} : { parentSpanId: parent }), name, attributes: [{ key: 'http.route', value: { stringValue: '/' } }]
  })
  const parent = id('root', 8)
  return encode('TracesRequest', {
    resourceSpans: [
      { resource: { attributes: [{ key: 'service.name', value: { stringValue: 'bench' } }] }, scopeSpans: [{ spans: [span('root'), span('child', parent)] }] },
      { scopeSpans: [{ scope: { name: 'one' }, spans: [span('other', new Uint8Array())] }, { spans: [span('grandchild', parent)] }] }
    ]
  })
}

t.test('spans and roots are counted in protobuf', t => {
  t.same(countSpans(traces()), { spans: 4, roots: 2 })
  t.same(countSpans(new Uint8Array()), { spans: 0, roots: 0 })
  t.equal(countLogRecords(encode('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [{}, {}] }] }] })), 2)
  t.end()
})

t.test('a message that is cut off is none', t => {
  const whole = traces()
  t.throws(() => countSpans(whole.subarray(0, whole.length - 3)), RangeError)
  t.throws(() => countSpans(Uint8Array.of(0x0f)), RangeError)
  t.end()
})

t.test('MessagePack of every kind that a tracer writes', t => {
  const decoded = (hex: string): unknown => decodeMsgpack(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  t.same(decoded('93 01 ff c0'), [1, -1, null])
  t.same(decoded('82 a1 61 c3 a1 62 c2'), { a: true, b: false })
  t.same(decoded('dc 0002 cf 0000000000000007 d3 ffffffffffffffff'), [7n, -1n])
  t.same(decoded('96 cc ff cd 0100 ce 00010000 d0 80 d1 8000 d2 80000000'), [255, 256, 65536, -128, -32768, -2147483648])
  t.same(decoded('92 ca 3f800000 cb 3ff8000000000000'), [1, 1.5])
  t.same(decoded('93 d9 01 61 da 0001 62 db 00000001 63'), ['a', 'b', 'c'])
  t.same(decoded('91 c4 02 0102'), [Buffer.of(1, 2)])
  t.same(decoded('92 de 0001 a1 61 01 df 00000001 a1 62 02'), [{ a: 1 }, { b: 2 }])
  t.throws(() => decoded('c1'), RangeError)
  t.throws(() => decoded('92 01'), RangeError)
  t.end()
})

t.test('the sink counts what arrives in each form, and then from nothing', async t => {
  const sink = await Sink.listen()
  t.teardown(async () => { await sink.close() })
  const send = async (path: string, type: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<string> => {
    const sent = typeof body === 'string' ? body : Buffer.from(body)
    const response = await fetch(sink.url + path, { method: 'POST', headers: { 'content-type': type, connection: 'close', ...headers }, body: sent })
    t.equal(response.status, 200)
    return await response.text()
  }
  const zipped = gzipSync(traces())
  await send('/v1/traces', 'application/x-protobuf', zipped, { 'content-encoding': 'gzip' })
  const json = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b', parentSpanId: '00' }] }] }] })
  await send('/v1/traces', 'application/json', json)
  // [[{ type: 'web', parent_id: 0 }, { type: 'web', parent_id: 1 }], [{ parent_id: 0 }]]
  const datadog = Buffer.from('92 92 82a474797065a3776562a9706172656e745f696400 82a474797065a3776562a9706172656e745f696401 91 81a9706172656e745f696400'.replaceAll(' ', ''), 'hex')
  t.match(JSON.parse(await send('/v0.4/traces', 'application/msgpack', datadog)), { rate_by_service: {} })
  await send('/v1/metrics', 'application/json', '{}')
  t.same(await sink.takeArrivals(), {
    spans: 9, roots: 4, spanBytes: zipped.length + json.length + datadog.length, logRecords: 0, metricRequests: 1
  })
  t.equal((await sink.takeArrivals()).spans, 0)
})
