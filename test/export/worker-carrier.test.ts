import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { noCounts } from '../../lib/export/carrier-stats.ts'
import type { CarrierOptions } from '../../lib/export/carrier.ts'
import { parcelBytes } from '../../lib/export/parcel.ts'
import { WorkerCarrier } from '../../lib/export/worker-carrier.ts'
import type { WorkerListener } from '../../lib/export/worker-link.ts'
import { libUrl, runScript } from '../fixtures/node-process.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encode } from './otlp-messages.ts'
import { names, RESOURCE, spans } from './parcels.ts'
import { accept, answer, hang, Receiver, type Behaviour } from './receiver.ts'

async function receiving (t: Test, ...behaviours: Behaviour[]): Promise<Receiver> {
  const receiver = await Receiver.listen(behaviours)
  t.teardown(async () => { await receiver.close() })
  return receiver
}

function carrying (t: Test, url: string, options: Partial<CarrierOptions> = {}, entry?: () => URL): { carrier: WorkerCarrier, problems: string[] } {
  const problems: string[] = []
  const carrier = new WorkerCarrier({
    endpoints: { traces: url, logs: url.replace('traces', 'logs') },
    resource: RESOURCE,
    retry: { firstMs: 1, maxMs: 20 },
    slowAfterMs: 60_000,
    ...options
  }, problem => { problems.push(problem) }, entry)
  t.teardown(async () => { await carrier.close(300) })
  return { carrier, problems }
}

/** A worker tells what it has done when it comes to it: waits for that, however long it takes. */
async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5)
}

/** A worker that the test writes itself. */
function workerOf (t: Test, source: string): () => URL {
  const folder = temporaryDirectory(t, { 'worker.mjs': source })
  return () => pathToFileURL(join(folder, 'worker.mjs'))
}

t.test('everything taken arrives, whichever form it has', async t => {
  const receiver = await receiving(t)
  const { carrier, problems } = carrying(t, receiver.url)
  for (const name of names('a', 100)) t.equal(carrier.take(spans([name])), true)
  t.equal(await carrier.flush(10_000), true)
  carrier.take({ signal: 'traces', request: encode('TracesRequest', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'whole' }] }] }] }), count: 1 })
  carrier.take({ signal: 'logs', lines: '{"level":30,"msg":"a line"}\n', count: 1, bytes: 28 })
  t.equal(await carrier.flush(10_000), true)
  t.strictSame(receiver.accepted.filter(({ path }) => path === '/v1/traces').flatMap(({ names }) => names), [...names('a', 100), 'whole'])
  t.strictSame(receiver.accepted.find(({ path }) => path === '/v1/logs')!.names, ['a line'])
  const { signals, ...rest } = carrier.stats
  t.match(signals, { traces: { taken: 101, sent: 101 }, logs: { taken: 1, sent: 1 } })
  t.strictSame(rest, { waiting: { traces: 0, metrics: 0, logs: 0, logFile: 0 }, waitingBytes: 0, spoolBytes: 0, workerCrashes: 0, thread: 'worker' })
  t.strictSame(problems, [])
})

t.test('memory is given away, but not that of others', async t => {
  const receiver = await receiving(t)
  const { carrier } = carrying(t, receiver.url)
  await carrier.flush(10_000)
  const own = spans(['own'])
  const pooled = { ...spans(['pooled']), items: Buffer.from(spans(['pooled']).items) }
  const small = spans(['small'])
  const part = { ...small, items: new Uint8Array(1_000).subarray(0, small.items.length), scope: Buffer.from(small.scope) }
  part.items.set(small.items)
  for (const parcel of [own, pooled, part]) carrier.take(parcel)
  t.equal(own.items.byteLength, 0)
  t.equal(own.scope.byteLength > 0, true)
  t.equal(pooled.items.byteLength, small.items.byteLength + 1)
  t.equal(part.items.byteLength, small.items.byteLength)
  t.equal(await carrier.flush(10_000), true)
  t.strictSame(receiver.names, ['own', 'pooled', 'small'])
})

t.test('memory that was given away comes back to be used again', async t => {
  const receiver = await receiving(t)
  const { carrier } = carrying(t, receiver.url)
  await carrier.flush(10_000)
  t.equal(carrier.spareMemory(), undefined)
  const parcel = spans(['x'.repeat(200_000)])
  const memory = Buffer.allocUnsafeSlow(300_000)
  memory.set(parcel.items)
  carrier.take({ ...parcel, items: memory.subarray(0, parcel.items.length) })
  t.equal(memory.buffer.byteLength, 0)
  t.equal(await carrier.flush(10_000), true)
  t.equal(carrier.spareMemory()?.byteLength, 300_000)
  t.equal(carrier.spareMemory(), undefined)
})

t.test('memory is bounded while nothing can leave', async t => {
  const receiver = await receiving(t)
  receiver.usual = hang
  const size = parcelBytes(spans(['000']))
  const { carrier } = carrying(t, receiver.url, { maxWaitingBytes: size * 100, maxBatchCount: 1 })
  let taken = 0
  for (let n = 0; n < 300; n++) if (carrier.take(spans([String(n).padStart(3, '0')]))) taken++
  t.equal(taken, 100)
  t.equal(carrier.stats.waitingBytes, size * 100)
  t.equal(carrier.stats.signals.traces.dropped.queue_full, 200)
  await until(() => carrier.stats.waitingBytes < size * 100)
  t.ok(carrier.stats.waitingBytes <= size * 75, 'the worker drops the oldest to stay within its share')
  t.equal(await carrier.close(200), false)
  const { traces } = carrier.stats.signals
  t.equal(carrier.stats.waitingBytes, 0)
  t.equal(traces.sent + traces.dropped.queue_full + traces.dropped.shutdown, 300, 'each is counted once')
  t.equal(carrier.take(spans(['late'])), false)
})

t.test('a flush and a close end in time, whatever the endpoint does', async t => {
  const receiver = await receiving(t)
  receiver.usual = hang
  const { carrier } = carrying(t, receiver.url)
  carrier.take(spans(['1']))
  const start = performance.now()
  t.equal(await carrier.flush(300), false)
  t.equal(await carrier.close(300), false)
  t.ok(performance.now() - start < 8_000, 'an attempt would take 10 s')
})

t.test('a flush that ends in vain leaves on the disk what has not arrived', async t => {
  const receiver = await receiving(t)
  receiver.usual = hang
  const spool = { directory: temporaryDirectory(t), maxBytes: 1024 * 1024 }
  const { carrier } = carrying(t, receiver.url, { spool, maxBatchCount: 1 })
  for (const name of names('n', 5)) carrier.take(spans([name]))
  t.equal(await carrier.flush(400), false)
  t.match(carrier.stats, { waitingBytes: 0, signals: { traces: { taken: 5, spooled: 5, sent: 0 } } })
})

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/v1/traces'

/** A worker whose thread begins and is not ready. */
const NOT_READY = 'setInterval(() => {}, 1_000)'

t.test('what is held is sent from the main thread, where a worker takes too long to start', async t => {
  const receiver = await receiving(t)
  const { carrier, problems } = carrying(t, receiver.url, {}, workerOf(t, NOT_READY))
  carrier.take(spans(['1']))
  t.equal(await carrier.flush(2_000), true)
  t.strictSame(receiver.names, ['1'])
  carrier.take(spans(['2']))
  t.equal(await carrier.close(2_000), true)
  t.strictSame(receiver.names, ['1', '2'])
  t.match(carrier.stats, { waitingBytes: 0, thread: 'worker', signals: { traces: { taken: 2, sent: 2 } } })
  t.strictSame(problems, [])
})

t.test('what is held is brought to the disk, where neither worker nor endpoint can take it', async t => {
  const receiver = await receiving(t)
  receiver.usual = hang
  const entry = workerOf(t, NOT_READY)
  const spool = { directory: join(t.testdirName, 'spool'), maxBytes: 1024 * 1024 }
  for (const close of [false, true]) {
    const { carrier } = carrying(t, receiver.url, { spool }, entry)
    carrier.take(spans([close ? 'closed' : 'flushed']))
    t.equal(close ? await carrier.close(200) : await carrier.flush(200), close, 'only a close is content with the disk')
    t.match(carrier.stats, { waitingBytes: 0, signals: { traces: { taken: 1, sent: 0, spooled: 1, dropped: { shutdown: 0 } } } })
    await carrier.close(200)
  }
  receiver.usual = accept
  const { carrier } = carrying(t, receiver.url, { spool })
  carrier.take(spans(['new']))
  t.equal(await carrier.flush(10_000), true)
  t.strictSame(receiver.names.toSorted(), ['closed', 'flushed', 'new'])
})

t.test('a worker that becomes ready while the main thread prepares to help is waited for', async t => {
  let becomeReady = (): void => {}
  const asked: string[] = []
  class Link {
    progress = { stats: { signals: noCounts(), spoolBytes: 0 } }
    held = { bytes: 0, counts: {} }
    constructor (_entry: URL, _options: object, listener: WorkerListener) { becomeReady = () => { listener.onReady() } }
    deliver (): void { asked.push('deliver') }
    async flush (): Promise<boolean> { return asked.push('flush') === 0 }
    async close (): Promise<boolean> { return false }
    async end (): Promise<void> {}
  }
  const { WorkerCarrier } = await t.mockImport<typeof import('../../lib/export/worker-carrier.ts')>('../../lib/export/worker-carrier.ts', {
    '../../lib/export/worker-link.ts': { WorkerLink: Link },
    '../../lib/export/within-time.ts': {
      withinTime: async () => {
        // After whoever waits for this has gone on, and before what it loads then is there.
        queueMicrotask(() => { queueMicrotask(() => { becomeReady() }) })
        return false
      }
    }
  })
  const carrier = new WorkerCarrier({ endpoints: {}, resource: RESOURCE }, () => {}, () => new URL(import.meta.url))
  carrier.take(spans(['1']))
  t.equal(await carrier.flush(1_000), false)
  t.strictSame(asked, ['deliver', 'flush'])
})

t.test('closing twice is closing once', async t => {
  const { carrier } = carrying(t, NOWHERE, {}, workerOf(t, `
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', () => {})
    parentPort.postMessage({ type: 'ready' })`))
  await carrier.flush(1_000)
  carrier.take(spans(['1']))
  t.strictSame(await Promise.all([carrier.close(100), carrier.close(100)]), [false, false])
  t.equal(await carrier.close(100), false)
  t.match(carrier.stats, { waitingBytes: 0, waiting: { traces: 0 }, signals: { traces: { taken: 1, sent: 0, dropped: { shutdown: 1 } } } })
})

t.test('two flushes save what was held before each', async t => {
  const receiver = await receiving(t)
  const { carrier } = carrying(t, receiver.url, {}, workerOf(t, NOT_READY))
  carrier.take(spans(['1']))
  const first = carrier.flush(300)
  await setTimeout(1)
  carrier.take(spans(['2']))
  t.strictSame(await Promise.all([first, carrier.flush(2_000)]), [true, true])
  t.strictSame(receiver.names, ['1', '2'])
})

t.test('a worker that crashes is started again, and what it had is counted', async t => {
  const receiver = await receiving(t)
  const entry = workerOf(t, `
    import { parentPort, workerData } from 'node:worker_threads'
    import { serveCarrier } from ${JSON.stringify(libUrl('export/serve-carrier.ts'))}
    parentPort.on('message', ({ type, parcel }) => {
      if (type === 'take' && Buffer.from(parcel.items).includes('poison')) throw new RangeError('with a value in it')
    })
    serveCarrier(parentPort, workerData, {})`)
  const { carrier, problems } = carrying(t, receiver.url, {}, entry)
  carrier.take(spans(['before']))
  t.equal(await carrier.flush(10_000), true)
  carrier.take(spans(['1', '2', 'poison']))
  t.equal(await carrier.flush(10_000), false)
  carrier.take(spans(['after']))
  t.equal(await carrier.flush(10_000), true)
  t.strictSame(receiver.names, ['before', 'after'])
  t.match(carrier.stats, { waitingBytes: 0, workerCrashes: 1, thread: 'worker', signals: { traces: { taken: 5, sent: 2, dropped: { worker_crashed: 3 } } } })
  t.strictSame(problems, ['the thread that sends telemetry ended unexpectedly (RangeError): it is started again'])

  carrier.take(spans(['poison']))
  await carrier.flush(10_000)
  carrier.take(spans(['while it is away']))
  t.equal(await carrier.close(10_000), true, 'closing does not wait for the next start')
  t.strictSame(receiver.names, ['before', 'after', 'while it is away'])
  t.match(carrier.stats, { waitingBytes: 0, workerCrashes: 2, signals: { traces: { taken: 7, sent: 3, dropped: { worker_crashed: 4, shutdown: 0 } } } })
})

t.test('where no worker can be loaded, the main thread sends', async t => {
  const absent = (): URL => new URL('./absent.ts', import.meta.url)
  const nowhere = (): URL => new URL('./absent.ts', '')
  for (const [entry, reason] of [[absent, /\((ERR_)?MODULE_NOT_FOUND\)$/], [nowhere, /\(ERR_INVALID_URL\)$/]] as const) {
    const receiver = await receiving(t)
    const { carrier, problems } = carrying(t, receiver.url, {}, entry)
    carrier.take(spans(['held']))
    t.equal(await carrier.flush(10_000), true)
    carrier.take(spans(['1']))
    t.equal(await carrier.close(10_000), true)
    t.strictSame(receiver.names, ['held', '1'])
    t.match(carrier.stats, { waitingBytes: 0, thread: 'main', signals: { traces: { taken: 2, sent: 2 } } })
    t.equal(problems.length, 1)
    t.match(problems[0], /^telemetry is sent from the main thread, because no worker thread can be loaded/)
    t.match(problems[0], reason)
  }
})

t.test('a parcel whose memory is gone is dropped and counted', async t => {
  const receiver = await receiving(t)
  const { carrier } = carrying(t, receiver.url)
  const parcel = spans(['1'])
  const held = spans(['2'])
  structuredClone(held.items, { transfer: [held.items.buffer as ArrayBuffer] })
  t.equal(carrier.take(held), true, 'not known before there is a worker')
  await carrier.flush(10_000)
  t.equal(carrier.take(parcel), true)
  t.equal(carrier.take(parcel), false)
  await carrier.flush(10_000)
  t.match(carrier.stats, { waitingBytes: 0, signals: { traces: { taken: 1, sent: 1, dropped: { invalid: 2 } } } })
})

t.test('a carrier that never starts holds what it may, and says so', async t => {
  const { carrier, problems } = carrying(t, 'no URL', {})
  carrier.take(spans(['1', '2']))
  await until(() => problems.length === 2)
  t.equal(await carrier.close(60_000), false, 'and closing waits for nothing')
  t.match(carrier.stats, { waitingBytes: 0, signals: { traces: { dropped: { shutdown: 2 } } } })
  t.match(problems, [/no worker thread can be loaded/, /cannot be sent \(ERR_INVALID_URL\)/])
})

t.test('reports and stats hold no credentials', async t => {
  const receiver = await receiving(t, answer(503), answer(400))
  const { carrier, problems } = carrying(t, receiver.url.replace('//', '//us3r:p4ssword@'), { headers: { 'x-key': 's3same' } })
  carrier.take(spans(['1']))
  await carrier.flush(10_000)
  t.strictSame(problems, [`${receiver.url} answered 503`, `${receiver.url} answered 400`])
  t.notMatch(JSON.stringify(carrier.stats), /s3same|p4ssword|us3r/)
})

const CHILD = `
  import { WorkerCarrier } from ${JSON.stringify(libUrl('export/worker-carrier.ts'))}
  const { url, directory, names, exit } = JSON.parse(process.env.CASE)
  const carrier = new WorkerCarrier({
    endpoints: { traces: url }, resource: new Uint8Array(), maxBatchCount: 1, retry: { firstMs: 1, maxMs: 20 },
    spool: directory && { directory, maxBytes: 64 * 1024 * 1024 }
  }, problem => { process.stderr.write(problem + '\\n') })
  const bytes = text => Uint8Array.from([text.length, ...Buffer.from(text)])
  for (const name of names) {
    const field = [0x2a, ...bytes(name)]
    carrier.take({ signal: 'traces', scope: Uint8Array.of(), items: Uint8Array.from([0x12, field.length, ...field]), count: 1 })
  }
  if (exit === 'flush') process.stdout.write(String(await carrier.flush(20_000)))
  if (exit === 'wait') {
    const timer = setInterval(() => {
      if (carrier.stats.signals.traces.spooled < names.length) return
      clearInterval(timer)
      process.stdout.write('on the disk')
      setInterval(() => {}, 1_000)
    }, 5)
  }`

t.test('a worker keeps no process alive, but a flush does', async t => {
  const receiver = await receiving(t)
  const idle = await runScript(CHILD, { CASE: JSON.stringify({ url: receiver.url, names: ['1'] }) })
  t.match(idle, { code: 0, stdout: '' })
  t.ok(idle.milliseconds < 10_000)
  const flushing = await runScript(CHILD, { CASE: JSON.stringify({ url: receiver.url, names: ['2'], exit: 'flush' }) })
  t.match(flushing, { code: 0, stdout: 'true', stderr: '' })
  t.ok(receiver.names.includes('2'))
})

t.test('a preloaded module is not loaded into the worker', async t => {
  const receiver = await receiving(t)
  const preload = pathToFileURL(join(temporaryDirectory(t, { 'preload.mjs': 'process.stderr.write("preloaded\\n")' }), 'preload.mjs')).href
  const { stdout, stderr } = await runScript(CHILD, { CASE: JSON.stringify({ url: receiver.url, names: ['1'], exit: 'flush' }) }, ['--import', preload])
  t.strictSame({ stdout, stderr }, { stdout: 'true', stderr: 'preloaded\n' })
})

t.test('after a SIGKILL during an outage, the next process delivers what was on the disk', async t => {
  const receiver = await receiving(t)
  receiver.usual = answer(503)
  const directory = temporaryDirectory(t)
  const sent = names('n', 200)
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD], {
    env: { ...process.env, CASE: JSON.stringify({ url: receiver.url, directory, names: sent, exit: 'wait' }) }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => { child.kill('SIGKILL') })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.strictSame(receiver.names, [])

  receiver.usual = accept
  const next = await runScript(CHILD, { CASE: JSON.stringify({ url: receiver.url, directory, names: ['new'], exit: 'flush' }) })
  t.equal(next.stdout, 'true')
  t.strictSame(receiver.names, [...sent, 'new'])
})
