import { MessageChannel } from 'node:worker_threads'
import { once } from 'node:events'
import t from 'tap'
import { sharedClockMs } from '../../lib/export/closing-time.ts'
import { openSpool } from '../../lib/export/open-spool.ts'
import { serveCarrier } from '../../lib/export/serve-carrier.ts'
import type { Fragment } from '../../lib/export/parcel.ts'
import type { FromWorker, ToWorker } from '../../lib/export/worker-messages.ts'
import { RESOURCE, spans } from './parcels.ts'
import { answer, Receiver } from './receiver.ts'

t.test('a port is served: parcels, problems, progress, and an end', async t => {
  const receiver = await Receiver.listen([answer(503)])
  t.teardown(async () => { await receiver.close() })
  const { port1, port2 } = new MessageChannel()
  t.teardown(() => { port1.close() })
  const messages: FromWorker[] = []
  port1.on('message', (message: FromWorker) => { messages.push(message) })
  const until = async (type: FromWorker['type']): Promise<void> => {
    while (!messages.some(message => message.type === type)) await once(port1, 'message')
  }
  serveCarrier(port2, { endpoints: { traces: receiver.url }, resource: RESOURCE, retry: { firstMs: 1, maxMs: 1 } }, { openSpool })
  await until('ready')
  const post = (message: ToWorker): void => { port1.postMessage(message) }
  post({ type: 'take', parcel: spans(['1', '2']) })
  post({ type: 'close', id: 5, deadlineMs: sharedClockMs() + 5_000 })
  await until('done')
  t.strictSame(receiver.names, ['1', '2'])
  t.strictSame(messages[0], { type: 'ready' })
  t.strictSame(messages.at(-1), { type: 'done', id: 5, complete: true })
  t.match(messages.at(-2), { type: 'progress', progress: { stats: { signals: { traces: { sent: 2, retried: 2 } } }, released: { counts: { traces: 2 } } } },
    'how far it has come is known before the end is')
  t.match(messages.find(({ type }) => type === 'problem'), { problem: `${receiver.url} answered 503` })
})

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/v1/traces'

t.test('memory of the recorder\'s fragments comes back, not all of it, and no other', async t => {
  const { port1, port2 } = new MessageChannel()
  t.teardown(() => { port1.close() })
  const spent: ArrayBuffer[] = []
  const done = new Promise<void>(resolve => {
    port1.on('message', (message: FromWorker) => {
      if (message.type === 'progress') spent.push(...message.spent)
      if (message.type === 'done') resolve()
    })
  })
  const kibibytes = (size: number): Fragment => ({ ...spans(['']), items: new Uint8Array(size * 1024) })
  serveCarrier(port2, {
    endpoints: { traces: NOWHERE, logs: NOWHERE }, resource: RESOURCE, maxBatchBytes: 1e9
  }, { openSpool })
  const post = (message: ToWorker): void => { port1.postMessage(message) }
  post({ type: 'take', parcel: { signal: 'logs', lines: `{"msg":"${'x'.repeat(250_000)}"}\n`, count: 1, bytes: 250_011 } })
  for (const size of [20, 255, 600, 5_000]) post({ type: 'take', parcel: kibibytes(size) })
  for (let n = 0; n < 20; n++) post({ type: 'take', parcel: kibibytes(n % 2 === 0 ? 260 : 520) })
  post({ type: 'flush', id: 1, deadlineMs: sharedClockMs() + 200 })
  await done
  t.strictSame(spent.map(({ byteLength }) => byteLength / 1024), [260, 520, 260, 520, 260, 520])
})

t.test('the worker\'s entry serves the port that Node gives it', async t => {
  const { port1, port2 } = new MessageChannel()
  t.teardown(() => { port1.close() })
  const ready = once(port1, 'message')
  await t.mockImport('../../lib/export/carrier-worker.ts', {
    'node:worker_threads': { parentPort: port2, workerData: { endpoints: {}, resource: RESOURCE } }
  })
  t.strictSame(await ready, [{ type: 'ready' }])
})
