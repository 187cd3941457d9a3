import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { eventStreamData } from '../../example-server/agent/event-stream-data.ts'

async function dataOf (...chunks: Array<string | Uint8Array>): Promise<string[]> {
  const encoder = new TextEncoder()
  async function * bytes (): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk
  }
  const found: string[] = []
  for await (const data of eventStreamData(bytes())) found.push(data)
  return found
}

t.test('each event gives its data', async t => {
  t.strictSame(await dataOf('data: a\n\ndata: b\n\ndata: [DONE]\n\n'), ['a', 'b', '[DONE]'])
})

t.test('line ends are LF, CR LF or CR', async t => {
  t.strictSame(await dataOf('data: a\r\n\r\ndata: b\r\rdata: c\n\n'), ['a', 'b', 'c'])
})

t.test('a CR LF may be cut in two', async t => {
  t.strictSame(await dataOf('data: a\r', '\n\r', '\ndata: b\r', '\n\r\n'), ['a', 'b'])
})

t.test('a CR at the end of the stream ends a line', async t => {
  t.strictSame(await dataOf('data: a\r\r'), ['a'])
})

t.test('data of several lines are one text', async t => {
  t.strictSame(await dataOf('data: a\ndata:\ndata:b\n\n'), ['a\n\nb'])
  t.strictSame(await dataOf('data\n\n'), [''])
})

t.test('one space after the colon does not count', async t => {
  t.strictSame(await dataOf('data:a\n\ndata:  b\n\n'), ['a', ' b'])
})

t.test('comments, other fields, a byte order mark and empty events are skipped', async t => {
  t.strictSame(await dataOf('\uFEFFdata: a\n\n: keep-alive\n\nevent: x\nid: 1\nretry: 5\ndataset: no\ndata: b\n\n\n\n'), ['a', 'b'])
})

t.test('an event that is not finished is left out', async t => {
  t.strictSame(await dataOf('data: a\n\ndata: b'), ['a'])
  t.strictSame(await dataOf('data: a\n\ndata: b\n'), ['a'])
})

t.test('an event without end is refused', async t => {
  await t.rejects(dataOf(...Array<string>(20).fill('x'.repeat(100_000))), /longer than 1 MiB/)
  await t.rejects(dataOf(...Array<string>(20).fill(`data: ${'x'.repeat(100_000)}\n`)), /longer than 1 MiB/)
})

t.test('the bytes may be cut anywhere', async () => {
  const text = fc.string({ unit: 'grapheme' }).map(value => value.replaceAll(/[\r\n]/g, '·'))
  await fc.assert(fc.asyncProperty(fc.array(text), fc.constantFrom('\n', '\r\n', '\r'), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), async (values, lineEnd, sizes) => {
    const bytes = new TextEncoder().encode(values.map(value => `data: ${value}${lineEnd}${lineEnd}`).join(''))
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length;) {
      const { value: size } = sizes.next()
      chunks.push(bytes.subarray(at, at + size))
      at += size
    }
    return isDeepStrictEqual(await dataOf(...chunks), values)
  }), { numRuns: 200 })
})
