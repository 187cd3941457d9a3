/** Whatever a worker does, each thing that was taken is counted once: sent, dropped for a reason, or on the disk. */
import { join } from 'node:path'
import { setImmediate as turn, setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { droppedOf } from '../../lib/export/carrier-stats.ts'
import type { CarrierOptions } from '../../lib/export/carrier.ts'
import { CHANNELS } from '../../lib/export/parcel.ts'
import { WorkerCarrier } from '../../lib/export/worker-carrier.ts'
import { libUrl } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encode } from './otlp-messages.ts'
import { names, RESOURCE, spans } from './parcels.ts'
import { accept, answer, hang, Receiver, type Behaviour } from './receiver.ts'

async function receiving (t: Test, usual: Behaviour): Promise<Receiver> {
  const receiver = await Receiver.listen()
  receiver.usual = usual
  t.teardown(async () => { await receiver.close() })
  return receiver
}

/** Workers that end at a span named "poison", and when they are asked for what `endsAt` names; the later ones run `then`. */
function carrying (t: Test, { url }: Receiver, options: Partial<CarrierOptions> = {}, endsAt = '', then?: string): WorkerCarrier {
  const folder = temporaryDirectory(t, {
    'worker.mjs': `
      import { parentPort, workerData } from 'node:worker_threads'
      import { serveCarrier } from ${JSON.stringify(libUrl('export/serve-carrier.ts'))}
      import { openSpool } from ${JSON.stringify(libUrl('export/open-spool.ts'))}
      parentPort.on('message', ({ type, parcel }) => {
        if (type === ${JSON.stringify(endsAt)} || (parcel?.items !== undefined && Buffer.from(parcel.items).includes('poison'))) process.exit(1)
      })
      serveCarrier(parentPort, workerData, { openSpool })`,
    'then.mjs': then ?? ''
  })
  let started = 0
  const carrier = new WorkerCarrier({
    endpoints: { traces: url, metrics: url.replace('traces', 'metrics'), logs: url.replace('traces', 'logs') },
    logFile: { path: join(folder, 'Letta.log'), loggerName: 'test' },
    resource: RESOURCE,
    retry: { firstMs: 1, maxMs: 20 },
    slowAfterMs: 60_000,
    ...options
  }, () => {}, () => pathToFileURL(join(folder, started++ > 0 && then !== undefined ? 'then.mjs' : 'worker.mjs')))
  t.teardown(async () => { await carrier.close(300) })
  return carrier
}

/** What is not accounted for, of each channel; `waiting` counts as such at the end. */
function unaccounted ({ stats: { signals, waiting } }: WorkerCarrier): Record<string, number> {
  return Object.fromEntries(CHANNELS.map(channel => {
    const counts = signals[channel]
    return [channel, counts.taken - counts.sent - droppedOf(counts) - counts.spooled - waiting[channel]]
  }))
}

const ALL_ACCOUNTED = { traces: 0, metrics: 0, logs: 0, logFile: 0 }
const METRICS = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', sum: { dataPoints: [{ asInt: 1 }, { asInt: 2 }] } }] }] }] }

function takeOfEach (carrier: WorkerCarrier, name: string): void {
  const line = `{"level":30,"msg":"line of ${name}"}\n`
  carrier.take(spans([name, `${name}-2`]))
  carrier.take({ signal: 'metrics', request: encode('MetricsRequest', METRICS), count: 2 })
  carrier.take({ signal: 'logs', lines: line, count: 1, bytes: line.length })
  carrier.take({ signal: 'logFile', lines: line, count: line.length, bytes: line.length })
}

t.test('what is handed over before, while and after workers crash, of every channel', async t => {
  const receiver = await receiving(t, accept)
  const carrier = carrying(t, receiver, { maxBatchAgeMs: 1 })
  for (const crashes of [1, 2, 3]) {
    takeOfEach(carrier, `before-${crashes}`)
    if (crashes > 1) await carrier.flush(10_000)
    carrier.take(spans(['poison']))
    // The thread is gone some time before its end is known.
    for (let n = 0; carrier.stats.workerCrashes < crashes; n++) {
      takeOfEach(carrier, `while-${crashes}-${n}`)
      await turn()
      if (!isDeepStrictEqual(unaccounted(carrier), ALL_ACCOUNTED)) t.fail('something is not accounted for', { found: unaccounted(carrier) })
      if (n > 20) await setTimeout(1)
    }
    takeOfEach(carrier, `held-${crashes}`)
    t.strictSame(unaccounted(carrier), ALL_ACCOUNTED)
  }
  t.equal(await carrier.close(10_000), true)
  t.strictSame(unaccounted(carrier), ALL_ACCOUNTED)
  const { signals, waiting, waitingBytes } = carrier.stats
  t.strictSame({ waiting, waitingBytes }, { waiting: ALL_ACCOUNTED, waitingBytes: 0 })
  for (const channel of CHANNELS) {
    const { taken, sent, dropped } = signals[channel]
    t.strictSame([taken, dropped], [sent + dropped.worker_crashed, { ...dropped, queue_full: 0, rejected: 0, invalid: 0, spool_full: 0, shutdown: 0 }], `${channel}: nothing else became of it`)
    t.ok(sent > 0 && dropped.worker_crashed > 0, channel)
  }
  t.equal(new Set(receiver.names).size, receiver.names.length, 'nothing arrives twice')
  // What arrived just before its worker ended may have had no time to be told.
  t.ok(receiver.names.length >= signals.traces.sent + signals.logs.sent)
  for (const crashes of [1, 2, 3]) t.ok(receiver.names.includes(`held-${crashes}`))
})

t.test('what a worker had brought to the disk is not lost with it', async t => {
  const receiver = await receiving(t, answer(503))
  const carrier = carrying(t, receiver, { spool: { directory: join(t.testdirName, 'spool'), maxBytes: 1024 * 1024 }, maxBatchCount: 1 })
  for (const name of names('n', 5)) carrier.take(spans([name]))
  while (carrier.stats.signals.traces.spooled < 5) await setTimeout(5)
  carrier.take(spans(['poison', 'lost']))
  while (carrier.stats.workerCrashes < 1) await setTimeout(5)
  t.match(carrier.stats.signals.traces, { taken: 7, sent: 0, spooled: 5, dropped: { worker_crashed: 2 } })
  t.strictSame(unaccounted(carrier), ALL_ACCOUNTED)
  // The next worker finds it, and delivers it when the one before has given no sign of life for a while, as of any other owner.
  await carrier.flush(10_000)
  t.ok(carrier.stats.spoolBytes > 0)
})

t.test('where no second worker can be loaded, the main thread goes on counting', async t => {
  const receiver = await receiving(t, accept)
  const carrier = carrying(t, receiver, {}, '', 'throw new Error("not again")')
  carrier.take(spans(['1', '2']))
  t.equal(await carrier.flush(10_000), true)
  carrier.take(spans(['3', 'poison']))
  while (carrier.stats.workerCrashes < 1) await setTimeout(5)
  carrier.take(spans(['held']))
  while (carrier.stats.thread === 'worker') await setTimeout(5)
  carrier.take(spans(['4']))
  t.equal(await carrier.close(10_000), true)
  t.strictSame(receiver.names, ['1', '2', 'held', '4'])
  t.match(carrier.stats, {
    workerCrashes: 1, waitingBytes: 0, waiting: { traces: 0 }, signals: { traces: { taken: 6, sent: 4, dropped: { worker_crashed: 2, shutdown: 0 } } }
  })
})

t.test('a worker that ends when it is asked to close', async t => {
  const receiver = await receiving(t, hang)
  const carrier = carrying(t, receiver, { maxBatchCount: 1 }, 'close')
  carrier.take(spans(['1', '2']))
  await carrier.flush(100)
  carrier.take(spans(['3']))
  t.equal(await carrier.close(2_000), false)
  t.match(carrier.stats, { waitingBytes: 0, waiting: { traces: 0 }, signals: { traces: { taken: 3, sent: 0 } } })
  t.strictSame(unaccounted(carrier), ALL_ACCOUNTED)
  const { worker_crashed: crashed, shutdown } = carrier.stats.signals.traces.dropped
  t.equal(crashed + shutdown, 3)
})
