import { MessageChannel } from 'node:worker_threads'
import { once } from 'node:events'
import t from 'tap'
import { sharedClockMs } from '../../lib/export/closing-time.ts'
import { openSpool } from '../../lib/export/open-spool.ts'
import { serveCarrier } from '../../lib/export/serve-carrier.ts'
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

t.test('the worker\'s entry serves the port that Node gives it', async t => {
  const { port1, port2 } = new MessageChannel()
  t.teardown(() => { port1.close() })
  const ready = once(port1, 'message')
  await t.mockImport('../../lib/export/carrier-worker.ts', {
    'node:worker_threads': { parentPort: port2, workerData: { endpoints: {}, resource: RESOURCE } }
  })
  t.strictSame(await ready, [{ type: 'ready' }])
})
