import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { isTracingSuppressed } from '@opentelemetry/core'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import { DirectCarrier } from '../../lib/export/direct-carrier.ts'
import { LogLineBatches } from '../../lib/export/log-line-batches.ts'
import { parcelBytes } from '../../lib/export/parcel.ts'
import { names, RESOURCE, spans } from './parcels.ts'
import { answer, hang, Receiver } from './receiver.ts'

t.test('sends from this thread, where no tracing sees it, retries too', async t => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const seen: boolean[] = []
  const onRequest = (): void => { seen.push(isTracingSuppressed(context.active())) }
  subscribe('http.client.request.start', onRequest)
  t.teardown(() => {
    unsubscribe('http.client.request.start', onRequest)
    context.disable()
  })
  const receiver = await Receiver.listen([answer(503)])
  t.teardown(async () => { await receiver.close() })
  const carrier = new DirectCarrier({ endpoints: { traces: receiver.url }, resource: RESOURCE, retry: { firstMs: 1, maxMs: 1 } }, () => {})
  t.equal(context.with(ROOT_CONTEXT, () => carrier.take(spans(names('', 3)))), true)
  t.equal(await carrier.flush(5_000), true)
  t.strictSame(receiver.names, names('', 3))
  t.strictSame(seen, [true, true])
  t.match(carrier.stats, { waitingBytes: 0, thread: 'main', signals: { traces: { taken: 3, sent: 3, retried: 3 } } })
  t.equal(await carrier.close(1_000), true)
  t.equal(carrier.take(spans(['late'])), false)
  t.equal(carrier.stats.signals.traces.dropped.shutdown, 1)
})

t.test('takes no more than memory may hold', async t => {
  const receiver = await Receiver.listen()
  receiver.usual = hang
  t.teardown(async () => { await receiver.close() })
  const carrier = new DirectCarrier({ endpoints: { traces: receiver.url }, resource: RESOURCE, maxWaitingBytes: parcelBytes(spans(['1'])) * 2 }, () => {})
  t.strictSame(['1', '2', '3'].map(name => carrier.take(spans([name]))), [true, true, false])
  t.equal(await carrier.close(50), false)
  t.match(carrier.stats, { waitingBytes: 0, signals: { traces: { dropped: { queue_full: 1, shutdown: 2 } } } })
})

t.test('lines that take three bytes a character take three bytes of the memory', async t => {
  const carrier = new DirectCarrier({ endpoints: {}, logFile: undefined, resource: RESOURCE, maxWaitingBytes: 1_000 }, () => {})
  const batches = new LogLineBatches(carrier)
  batches.open({}).read(`{"msg":"${'\u65e5'.repeat(400)}"}\n`)
  batches.flush()
  t.equal(carrier.stats.signals.logs.dropped.queue_full, 1)
  t.equal(await carrier.close(1_000), true)
})
