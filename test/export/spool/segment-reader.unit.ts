import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { RECORD_HEAD_BYTES, SEGMENT_HEAD_BYTES, type Signal } from '../../../lib/export/spool/record-format.ts'
import { SegmentReader } from '../../../lib/export/spool/segment-reader.ts'
import { SegmentWriter } from '../../../lib/export/spool/segment-writer.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const BODIES = ['one', '', 'three'.repeat(1_000)]
const SIGNALS: Signal[] = ['traces', 'metrics', 'logs']

async function write (path: string): Promise<void> {
  const writer = await SegmentWriter.create(path)
  for (const [n, body] of BODIES.entries()) await writer.append({ signal: SIGNALS[n] ?? 'logs', count: n + 1, body: Buffer.from(body) })
  await writer.close()
}

/** What a reader gives until it gives no more, and what it says then. */
async function readAll (path: string): Promise<string[]> {
  const reader = await SegmentReader.open(path)
  const read: string[] = []
  for (;;) {
    const found = await reader.peek()
    if (typeof found === 'string') {
      await reader.close()
      return [...read, found]
    }
    read.push(Buffer.from(found.body).toString())
    reader.step(found.end)
  }
}

t.test('records are read as they were written, the same until it is stepped over', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  const reader = await SegmentReader.open(path)
  for (const [n, body] of BODIES.entries()) {
    const found = await reader.peek()
    t.match(found, { signal: SIGNALS[n], count: n + 1 })
    t.equal(await reader.peek(), found)
    if (typeof found === 'string') return
    t.equal(Buffer.from(found.body).toString(), body)
    t.match(await reader.countRest(), { records: 3 - n, items: [6, 5, 3][n] })
    reader.step(found.end)
  }
  t.equal(await reader.peek(), 'end')
  t.equal(reader.position, reader.bytes)
  t.strictSame(await reader.countRest(), { records: 0, items: 0 })
  await reader.close()
})

t.test('what is acknowledged is not read again', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  const reader = await SegmentReader.open(path)
  const first = await reader.peek()
  reader.step(typeof first === 'string' ? 0 : first.end)
  await reader.persist()
  await reader.close()
  t.strictSame(await readAll(path), [BODIES[1], BODIES[2], 'end'])
})

t.test('items of a record are acknowledged by themselves, as many as two bytes can say', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  for (const done of [2, 0xffff, 70_000]) {
    const reader = await SegmentReader.open(path)
    const first = await reader.peek()
    reader.stepWithin(done)
    t.match(await reader.peek(), { ...first as object, done })
    await reader.persist()
    await reader.close()
    const again = await SegmentReader.open(path)
    t.match(await again.peek(), { count: 1, done: Math.min(done, 0xffff) })
    again.step((await again.peek() as { end: number }).end)
    t.match(await again.peek(), { count: 2, done: 0 })
    await again.close()
  }
})

t.test('items that were acknowledged are of no later record, where a process acknowledged one that knows of bytes alone', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  const reader = await SegmentReader.open(path)
  const { end } = await reader.peek() as { end: number }
  reader.stepWithin(1)
  await reader.persist()
  await reader.close()
  const segment = readFileSync(path)
  segment.writeUIntLE(end, 8, 6)
  writeFileSync(path, segment)
  const again = await SegmentReader.open(path)
  t.match(await again.peek(), { count: 2, done: 0 })
  await again.close()
})

t.test('cut anywhere, it gives what is whole', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  const whole = readFileSync(path)
  const ends = [SEGMENT_HEAD_BYTES]
  for (const body of BODIES) ends.push((ends.at(-1) ?? 0) + RECORD_HEAD_BYTES + body.length)
  for (const cut of [...Array(60).keys(), whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, cut))
    const records = Math.max(0, ends.filter(end => end <= cut).length - 1)
    const clean = cut === 0 || ends.includes(cut)
    t.strictSame(await readAll(path), [...BODIES.slice(0, records), clean ? 'end' : 'torn'], `cut at ${cut}`)
  }
})

t.test('a changed byte anywhere ends it there', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  const whole = readFileSync(path)
  const second = SEGMENT_HEAD_BYTES + RECORD_HEAD_BYTES + 3
  for (const at of [...Array(RECORD_HEAD_BYTES).keys()].map(n => second + n)) {
    const changed = Buffer.from(whole)
    changed.writeUInt8(changed.readUInt8(at) ^ 0x44, at)
    writeFileSync(path, changed)
    t.strictSame(await readAll(path), ['one', 'torn'], `byte ${at}`)
  }
})

t.test('zeros behind the records, as a power failure leaves them, are a tear', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  appendFileSync(path, Buffer.alloc(4_096))
  t.strictSame(await readAll(path), [...BODIES, 'torn'])
})

t.test('a file that shrinks while it is read is torn', async t => {
  const path = join(temporaryDirectory(t), 'x')
  await write(path)
  const reader = await SegmentReader.open(path)
  truncateSync(path, SEGMENT_HEAD_BYTES + 1)
  t.equal(await reader.peek(), 'torn')
  truncateSync(path, SEGMENT_HEAD_BYTES + RECORD_HEAD_BYTES + 1)
  t.equal(await reader.peek(), 'torn')
  await reader.close()
})

t.test('what is no segment is torn, what is of a later version is not touched', async t => {
  const path = join(temporaryDirectory(t), 'x')
  writeFileSync(path, 'something quite different')
  t.strictSame(await readAll(path), ['torn'])
  await t.rejects(SegmentReader.open(join(path, 'y')), { code: 'ENOTDIR' })
  const later = Buffer.alloc(SEGMENT_HEAD_BYTES)
  later.write('LOSP\x02', 'latin1')
  writeFileSync(path, later)
  await t.rejects(SegmentReader.open(path), { message: 'it is of version 2, this process knows 1' })
})
