import t from 'tap'
import { Batcher } from '../../lib/export/batcher.ts'
import { BodyMemory } from '../../lib/export/body-memory.ts'
import type { OutgoingRequest } from '../../lib/export/parcel.ts'
import { decode } from './otlp-messages.ts'
import { RESOURCE, spans } from './parcels.ts'

t.test('the memory of a large body is used again, once', async t => {
  const memory = new BodyMemory(100_000)
  const first = memory.take(90_000)
  t.ok(first.byteLength >= 90_000)
  memory.put(new Uint8Array(first, 0, 80_000))
  t.equal(memory.take(100_000), first)
  t.not(memory.take(100_000), first, 'while it is in use, others get their own')
})

t.test('small bodies, and larger ones than a batch, have memory of their own size', async t => {
  const memory = new BodyMemory(100_000)
  for (const bytes of [10, 1_000, 500_000]) {
    const body = memory.take(bytes)
    t.equal(body.byteLength, bytes)
    memory.put(new Uint8Array(body))
  }
  t.ok(memory.take(90_000).byteLength >= 100_000)
})

t.test('a request is written whole over what was there before', async t => {
  const requests: OutgoingRequest[] = []
  const batcher = new Batcher('traces', RESOURCE, { maxBatchBytes: 40_000, maxBatchCount: 10_000, maxBatchAgeMs: 60_000 }, request => { requests.push(request) })
  const batch = (prefix: string): string[] => Array.from({ length: 700 }, (_, index) => `${prefix}${index}`.padEnd(50, '.'))
  const bodies = new Set<ArrayBufferLike>()
  for (const prefix of ['a', 'b', 'c']) {
    batcher.add(spans(batch(prefix)))
    batcher.flush()
    const { body } = requests.at(-1)!
    const names = decode('TracesRequest', body).resourceSpans.flatMap((resource: any) => resource.scopeSpans.flatMap((scope: any) => scope.spans.map(({ name }: any) => name)))
    t.strictSame(names, batch(prefix))
    bodies.add(body.buffer)
    batcher.reuse(body)
  }
  t.equal(bodies.size, 1)
})
