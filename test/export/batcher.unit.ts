import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { Batcher, type BatchLimits } from '../../lib/export/batcher.ts'
import { parcelBytes, type OutgoingRequest } from '../../lib/export/parcel.ts'
import { decode } from './otlp-messages.ts'
import { RESOURCE, spans } from './parcels.ts'

function batching (t: Test, limits: Partial<BatchLimits>): { batcher: Batcher, requests: OutgoingRequest[] } {
  const requests: OutgoingRequest[] = []
  const batcher = new Batcher('traces', RESOURCE, { maxBatchBytes: 1_000_000, maxBatchCount: 1_000, maxBatchAgeMs: 1_000, ...limits }, request => { requests.push(request) })
  t.teardown(() => { batcher.flush() })
  return { batcher, requests }
}

const namesOf = ({ body }: OutgoingRequest): string[] =>
  decode('TracesRequest', body).resourceSpans.flatMap((resource: any) => resource.scopeSpans.flatMap((scope: any) => scope.spans.map(({ name }: any) => name)))

t.test('a request leaves when it has enough entries', async t => {
  const { batcher, requests } = batching(t, { maxBatchCount: 3 })
  batcher.add(spans(['1', '2']))
  t.equal(requests.length, 0)
  batcher.add(spans(['3', '4']))
  t.strictSame(requests.map(namesOf), [['1', '2']], 'before it had too many')
  batcher.add(spans(['5']))
  t.strictSame(requests.map(namesOf), [['1', '2'], ['3', '4', '5']])
  t.strictSame(requests.map(({ count }) => count), [2, 3])
  batcher.add(spans(['6', '7', '8', '9']))
  t.strictSame(requests.length, 3, 'what is too much by itself leaves whole')
})

t.test('a request leaves when it has enough bytes', async t => {
  const size = parcelBytes(spans(['1']))
  const { batcher, requests } = batching(t, { maxBatchBytes: size * 2 })
  for (const name of ['1', '2', '3', '4', '5']) batcher.add(spans([name]))
  t.strictSame(requests.map(namesOf), [['1', '2'], ['3', '4']])
  t.strictSame(requests.map(({ parcelBytes }) => parcelBytes), [size * 2, size * 2])
})

t.test('a request leaves when it is old enough', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  const { batcher, requests } = batching(t, { maxBatchAgeMs: 100 })
  batcher.add(spans(['1']))
  mock.timers.tick(60)
  batcher.add(spans(['2']))
  mock.timers.tick(39)
  t.equal(requests.length, 0)
  mock.timers.tick(1)
  t.strictSame(requests.map(namesOf), [['1', '2']])
  mock.timers.tick(1_000)
  t.equal(requests.length, 1, 'nothing leaves when there is nothing')
})

t.test('a whole request follows what came before it', async t => {
  const { batcher, requests } = batching(t, {})
  batcher.add(spans(['1']))
  batcher.addWhole({ signal: 'traces', request: RESOURCE, count: 9 })
  batcher.addWhole({ signal: 'traces', request: RESOURCE, count: 8 })
  t.strictSame(requests.map(({ count }) => count), [1, 9, 8])
  t.equal(requests[1]!.body, RESOURCE)
  t.equal(requests[1]!.parcelBytes, RESOURCE.length)
})
