import t from 'tap'
import { RandomIds, hexOf } from '../../lib/recorder/random-ids.ts'
import { SpanIds } from '../../lib/recorder/span-ids.ts'

t.test('ten million pairs of words are unique, and every bit is as often set as not', { timeout: 120_000 }, async t => {
  const ids = new RandomIds()
  const count = 10_000_000
  const seen = new Float64Array(count)
  const set = new Int32Array(32)
  for (let index = 0; index < count; index++) {
    const word = ids.next()
    // 53 bits of two words: ten million of them collide with a probability of about one in 180.
    seen[index] = (word >>> 0) * 2 ** 21 + (ids.next() >>> 11)
    if (index % 10 === 0) for (let bit = 0; bit < 32; bit++) set[bit] = (set[bit] as number) + ((word >>> bit) & 1)
  }
  seen.sort()
  let repeated = 0
  for (let index = 1; index < count; index++) if (seen[index] === seen[index - 1]) repeated++
  t.ok(repeated <= 1, `${repeated} repeated`)
  // Five standard deviations of a million fair coins.
  for (const ones of set) t.ok(Math.abs(ones - 500_000) < 2_500, `${ones} of 1,000,000`)
})

t.test('generators differ, a seed repeats itself, and zeros are no state', async t => {
  const seed = Uint32Array.of(1, 2, 3, 4)
  t.equal(new RandomIds(seed).next(), new RandomIds(seed).next())
  t.not(new RandomIds().next(), new RandomIds().next())
  const ids = new RandomIds(new Uint32Array(4))
  t.ok(new Set(Array.from({ length: 100 }, () => ids.next())).size > 90)
  for (let n = 0; n < 1_000; n++) t.not(ids.nextNonZero(), 0)
})

t.test('ids as text and back', async t => {
  t.equal(hexOf(0), '00000000')
  t.equal(hexOf(-1), 'ffffffff')
  t.equal(hexOf(0x01ab_cdef), '01abcdef')
  const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'B7AD6B7169203331' }
  const ids = SpanIds.of(spanContext)
  t.equal(ids.traceId, spanContext.traceId)
  t.equal(ids.spanId, spanContext.spanId.toLowerCase())
  const child = SpanIds.next(new RandomIds(), ids)
  t.equal(child.traceId, ids.traceId)
  t.not(child.spanId, ids.spanId)
})
