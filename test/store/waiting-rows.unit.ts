import fc from 'fast-check'
import t from 'tap'
import { WaitingRows } from '../../lib/store/waiting-rows.ts'

function add (waiting: WaitingRows, line: string): void {
  waiting.add(line, Buffer.byteLength(line))
}

t.test('rows come out in their order, byte for byte, in batches with tokens of their own', t => {
  const line = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 3_000_000 }).map(length => 'é'.repeat(length / 2)))
    .map(text => JSON.stringify(text))
  fc.assert(fc.property(fc.array(line, { maxLength: 20 }), lines => {
    const waiting = new WaitingRows('a')
    for (const text of lines) add(waiting, text)
    const out: string[] = []
    const tokens = new Set<string>()
    let rows = 0
    for (let batch = waiting.take(); batch !== undefined; batch = waiting.take()) {
      out.push(batch.body.toString())
      tokens.add(batch.token)
      rows += batch.rows
    }
    return out.join('') === lines.map(text => `${text}\n`).join('') && rows === lines.length && tokens.size === out.length && waiting.isEmpty
  }), { numRuns: 60 })
  t.end()
})

t.test('a batch is full by rows or by bytes', t => {
  const byRows = new WaitingRows('a')
  for (let row = 0; row < 9_999; row++) add(byRows, '{}')
  t.notOk(byRows.isFull)
  add(byRows, '{}')
  t.ok(byRows.isFull)
  add(byRows, '{}')
  t.same([byRows.take()?.rows, byRows.isFull, byRows.take()?.rows, byRows.take()], [10_000, false, 1, undefined])
  const byBytes = new WaitingRows('a')
  add(byBytes, 'x'.repeat(2_000_000))
  t.notOk(byBytes.isFull)
  add(byBytes, 'x'.repeat(200_000))
  t.ok(byBytes.isFull)
  t.same([byBytes.take()?.rows, byBytes.take()?.rows], [1, 1])
  t.end()
})
