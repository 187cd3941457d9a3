import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CarrierOptions } from '../../lib/export/carrier.ts'
import { Delivery } from '../../lib/export/delivery.ts'
import { openSpool } from '../../lib/export/open-spool.ts'
import { parcelBytes } from '../../lib/export/parcel.ts'
import { composeRequest } from '../../lib/export/compose-request.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encode } from './otlp-messages.ts'
import { names, RESOURCE, spans } from './parcels.ts'
import { accept, answer, hang, Receiver, type Behaviour } from './receiver.ts'

const SPOOL_BYTES = 16 * 1024 * 1024

interface Delivering {
  readonly delivery: Delivery
  readonly problems: string[]
  /** Bytes that were taken and not released. */
  readonly held: () => number
  /** Takes spans with these names as one request. */
  send (...names: string[]): void
}

/** Each parcel is a request of its own, retries come at once, and nothing is slow unless a test says so. */
function delivering (t: Test, url: string, options: Partial<CarrierOptions> = {}): Delivering {
  const problems: string[] = []
  let held = 0
  const delivery = new Delivery({
    endpoints: { traces: url },
    resource: RESOURCE,
    maxBatchCount: 1,
    retry: { firstMs: 1, maxMs: 5 },
    slowAfterMs: 60_000,
    ...options
  }, { openSpool, onProblem: problem => { problems.push(problem) }, onRelease: (_signal, _count, bytes) => { held -= bytes } })
  t.teardown(async () => { await delivery.close(300) })
  return {
    delivery,
    problems,
    held: () => held,
    send (...names) {
      const parcel = spans(names)
      held += parcelBytes(parcel)
      delivery.take(parcel)
    }
  }
}

async function receiving (t: Test, ...behaviours: Behaviour[]): Promise<Receiver> {
  const receiver = await Receiver.listen(behaviours)
  t.teardown(async () => { await receiver.close() })
  return receiver
}

t.test('batches by count, and flushes what is not full', async t => {
  const receiver = await receiving(t)
  const { delivery, send, held } = delivering(t, receiver.url, { maxBatchCount: 3 })
  send('1', '2')
  send('3')
  send('4')
  t.equal(await delivery.flush(5_000), true)
  t.strictSame(receiver.accepted.map(({ names }) => names), [['1', '2', '3'], ['4']])
  t.match(delivery.stats.signals.traces, { sent: 4, retried: 0, spooled: 0 })
  t.equal(held(), 0)
})

t.test('a signal is sent with settings of its own', async t => {
  const receiver = await receiving(t)
  const { delivery, send } = delivering(t, receiver.url, {
    endpoints: { traces: receiver.url, logs: receiver.url.replace('traces', 'logs') },
    headers: { 'x-key': 'all' },
    settings: { logs: { headers: { 'x-key': 'logs' }, compression: 'gzip' } }
  })
  send('1')
  delivery.take({ signal: 'logs', lines: '{"msg":"a line"}\n', count: 1, bytes: 17 })
  t.equal(await delivery.flush(5_000), true)
  const headersOf = (path: string): Record<string, unknown> => receiver.accepted.find(arrival => arrival.path === path)!.headers
  t.match(headersOf('/v1/traces'), { 'x-key': 'all', 'content-encoding': undefined })
  t.match(headersOf('/v1/logs'), { 'x-key': 'logs', 'content-encoding': 'gzip' })
})

t.test('without a disk a failed request is tried again before the next', async t => {
  const receiver = await receiving(t, answer(503), answer(429, { 'retry-after': '0' }), (_response, { socket }) => { socket.destroy() }, answer(504))
  const { delivery, send, held, problems } = delivering(t, receiver.url)
  for (const name of names('', 5)) send(name)
  t.equal(await delivery.flush(5_000), true)
  t.strictSame(receiver.names, names('', 5))
  t.match(delivery.stats.signals.traces, { sent: 5, retried: 3, dropped: { rejected: 0 } }, 'a kept connection that closes is opened again at once')
  t.equal(held(), 0)
  t.equal(new Set(problems).size, 3)
})

t.test('what is refused is dropped and counted, and holds nothing up', async t => {
  const partial = encode('Response', { partialSuccess: { rejected: 7, errorMessage: 'no' } })
  const receiver = await receiving(t, answer(400), answer(200, {}, partial))
  const { delivery, send, held } = delivering(t, receiver.url)
  for (const name of names('', 3)) send(name)
  t.equal(await delivery.flush(5_000), false, 'a flush that loses something says so')
  t.match(delivery.stats.signals.traces, { sent: 1, dropped: { rejected: 2 } }, 'never more than there were')
  t.equal(held(), 0)
})

t.test('Retry-After is waited for, whatever a flush wants', async t => {
  const receiver = await receiving(t, answer(429, { 'retry-after': '1' }))
  const { delivery, send } = delivering(t, receiver.url)
  const start = performance.now()
  send('1')
  await receiver.until(() => receiver.arrivals.length === 1)
  t.equal(await delivery.flush(100), false)
  t.equal(await delivery.flush(5_000), true)
  t.ok(performance.now() - start > 990)
  t.equal(await delivery.flush(0), true, 'nothing waits')
})

t.test('a flush does not wait for what comes later', async t => {
  const receiver = await receiving(t)
  const { delivery, send } = delivering(t, receiver.url)
  let last: ReturnType<typeof setInterval> | undefined
  last = setInterval(() => { send('later') }, 0)
  send('1')
  t.equal(await delivery.flush(5_000), true)
  clearInterval(last)
  last = undefined
  t.equal(receiver.names[0], '1')
})

t.test('memory is bounded: the oldest is dropped', async t => {
  const receiver = await receiving(t)
  receiver.usual = hang
  const size = parcelBytes(spans(['000']))
  const { delivery, send, held } = delivering(t, receiver.url, { maxWaitingBytes: size * 10 / 0.75 })
  send('000')
  await receiver.until(() => receiver.arrivals.length === 1)
  for (let n = 100; n < 200; n++) send(String(n))
  t.ok(held() <= size * 10)
  const { dropped } = delivery.stats.signals.traces
  t.equal(dropped.queue_full, 91, 'all but the one being sent and nine')
  t.equal(await delivery.close(50), false)
  t.equal(held(), 0)
  t.equal(delivery.stats.signals.traces.dropped.shutdown, 10)
})

t.test('an outage goes to the disk, and comes back in order', async t => {
  const receiver = await receiving(t)
  receiver.usual = answer(503)
  const directory = temporaryDirectory(t)
  const { delivery, send, held, problems } = delivering(t, receiver.url, { spool: { directory, maxBytes: SPOOL_BYTES } })
  send('0')
  await receiver.until(() => receiver.arrivals.length === 1)
  for (const name of names('', 50).slice(1)) send(name)
  t.equal(await delivery.flush(100), false, 'bounded')
  t.equal(held(), 0, 'nothing waits in memory')
  t.strictSame([...new Set(problems)], [`${receiver.url} answered 503`])
  t.ok(delivery.stats.spoolBytes > 0)
  receiver.usual = accept
  t.equal(await delivery.flush(10_000), true)
  t.strictSame(receiver.names, names('', 50))
  t.match(delivery.stats.signals.traces, { sent: 50, spooled: 50 })
})

t.test('the next process delivers what one could not, first', async t => {
  const directory = temporaryDirectory(t)
  const spool = { directory, maxBytes: SPOOL_BYTES }
  const gone = await Receiver.listen()
  const { url } = gone
  await gone.close()
  const before = delivering(t, url, { spool })
  for (const name of names('before', 3)) before.send(name)
  t.equal(await before.delivery.close(2_000), true, 'on the disk is safe')
  t.match(before.delivery.stats.signals.traces, { sent: 0, spooled: 3 })

  const receiver = await receiving(t)
  const after = delivering(t, receiver.url, { spool })
  after.send('after')
  t.equal(await after.delivery.flush(5_000), true)
  t.strictSame(receiver.names, [...names('before', 3), 'after'])
})

t.test('an endpoint that hangs: what waits is on the disk soon, and what it takes late is not sent twice', async t => {
  const open = Promise.withResolvers<void>()
  const receiver = await receiving(t, response => { void open.promise.then(() => { response.end() }) })
  const directory = temporaryDirectory(t)
  const { delivery, send, held } = delivering(t, receiver.url, { slowAfterMs: 30, spool: { directory, maxBytes: SPOOL_BYTES } })
  for (const name of names('', 3)) send(name)
  t.equal(await delivery.flush(300), false)
  t.equal(held(), 0)
  t.equal(delivery.stats.signals.traces.spooled, 3)
  open.resolve()
  t.equal(await delivery.flush(5_000), true)
  t.strictSame(receiver.names, names('', 3))
  t.match(delivery.stats.signals.traces, { sent: 3, dropped: { rejected: 0 } })
})

t.test('closing does not wait for an endpoint that hangs, once everything is on the disk', async t => {
  const receiver = await receiving(t)
  receiver.usual = hang
  const directory = temporaryDirectory(t)
  const spool = { directory, maxBytes: SPOOL_BYTES }
  const first = delivering(t, receiver.url, { slowAfterMs: 30, spool })
  for (const name of names('', 3)) first.send(name)
  const start = performance.now()
  t.equal(await first.delivery.close(20_000), true)
  t.ok(performance.now() - start < 5_000)
  receiver.usual = accept
  const second = delivering(t, receiver.url, { spool })
  t.equal(await second.delivery.flush(5_000), true)
  t.strictSame(receiver.names, names('', 3))
})

t.test('an endpoint that falls behind: what is too much for memory goes to the disk, and comes in order', async t => {
  const open = Promise.withResolvers<void>()
  const receiver = await receiving(t, response => { void open.promise.then(() => { response.end() }) })
  const size = parcelBytes(spans(['000']))
  const directory = temporaryDirectory(t)
  const { delivery, send, held } = delivering(t, receiver.url, { maxWaitingBytes: size * 400, spool: { directory, maxBytes: SPOOL_BYTES } })
  for (const name of names('', 190)) {
    send(name)
    await new Promise(setImmediate)
  }
  while (delivery.stats.signals.traces.spooled < 100) await new Promise(setImmediate)
  open.resolve()
  t.equal(await delivery.flush(10_000), true)
  t.strictSame(receiver.names, names('', 190))
  t.equal(delivery.stats.signals.traces.dropped.queue_full, 0)
  t.equal(held(), 0)
})

t.test('signals do not wait for each other', async t => {
  const receiver = await receiving(t)
  receiver.usual = (response, request) => { (request.url === '/v1/metrics' ? hang : accept)(response, request) }
  const directory = temporaryDirectory(t)
  const { delivery, send } = delivering(t, receiver.url, {
    endpoints: { traces: receiver.url, metrics: receiver.url.replace('traces', 'metrics') }, spool: { directory, maxBytes: SPOOL_BYTES }
  })
  delivery.take({ signal: 'metrics', request: composeRequest(RESOURCE, []), count: 5 })
  send('1')
  await receiver.until(() => receiver.names.length === 1)
  t.equal(delivery.stats.signals.metrics.sent, 0)
})

t.test('what cannot be made into a request is dropped and counted', async t => {
  const receiver = await receiving(t)
  const { delivery, held } = delivering(t, receiver.url)
  delivery.take({ signal: 'logs', lines: '{}\n', count: 2, bytes: 3 })
  delivery.take({ signal: 'traces', lines: 7, count: 1 } as any)
  t.match(delivery.stats.signals, { logs: { dropped: { invalid: 2 } }, traces: { dropped: { invalid: 1 } } })
  t.ok(held() < 0 || Number.isNaN(held()), 'it is released')
})

t.test('a disk that does not work leaves memory', async t => {
  const receiver = await receiving(t, answer(503))
  const file = join(temporaryDirectory(t, { file: '' }), 'file')
  const { delivery, send, problems } = delivering(t, receiver.url, { spool: { directory: file, maxBytes: SPOOL_BYTES } })
  for (const name of names('', 3)) send(name)
  t.equal(await delivery.flush(5_000), true)
  t.strictSame(receiver.names, names('', 3))
  t.equal(delivery.stats.signals.traces.spooled, 0)
  t.match(problems, [/answered 503/, /memory only/])
})

t.test('no folder is made before it is needed, and no credential is in it', async t => {
  const receiver = await receiving(t)
  const directory = temporaryDirectory(t)
  const { delivery, send, problems } = delivering(t, receiver.url.replace('//', '//us3r:p4ssword@'), {
    headers: { 'x-key': 's3same' }, spool: { directory, maxBytes: SPOOL_BYTES }
  })
  send('1')
  await delivery.flush(5_000)
  t.notOk(existsSync(join(directory, 'traces')))
  receiver.usual = answer(503)
  send('2')
  await receiver.until(() => receiver.arrivals.length === 2)
  await delivery.close(1_000)
  const files = globSync('**/*', { cwd: directory, withFileTypes: true }).filter(file => file.isFile())
  t.ok(files.length > 0)
  const everything = [...files.map(file => readFileSync(join(file.parentPath, file.name), 'latin1')), ...problems, JSON.stringify(delivery.stats)].join()
  t.notMatch(everything, /s3same|p4ssword|us3r/)
})

/** What an endpoint answers that takes requests of so many bytes at most. */
const takesUpTo = (bytes: number, otherwise: Behaviour = accept): Behaviour => (response, request) => {
  (Number(request.headers['content-length']) > bytes ? answer(413) : otherwise)(response, request)
}

/** Names of half a kilobyte: so many of them are too large for the endpoints below. */
const long = (prefix: string, count: number): string[] => names(prefix, count).map(name => name.padEnd(500, '-'))

t.test('what is too large for an endpoint takes nothing else of its request with it', async t => {
  const receiver = await receiving(t)
  receiver.usual = takesUpTo(6_000)
  const { delivery, send, held, problems } = delivering(t, receiver.url)
  const small = long('small-', 40)
  send(...small.slice(0, 30), 'x'.repeat(10_000), ...small.slice(30))
  send('next')
  t.equal(await delivery.flush(5_000), false, 'something was lost')
  t.strictSame(receiver.names, [...small, 'next'])
  t.match(delivery.stats.signals.traces, { sent: 41, dropped: { rejected: 1 } })
  t.equal(held(), 0)
  t.strictSame(new Set(problems.map(problem => problem.replace(receiver.url, 'it'))), new Set([
    'it answered 413 (request body too large): requests that are too large for it are sent in parts. Raise the size of requests that is allowed there',
    'it answered 413 (request body too large): what cannot be sent in smaller parts is dropped. Raise the size of requests that is allowed there'
  ]))
})

t.test('what an endpoint takes is learned: later requests are split before they are sent', async t => {
  const receiver = await receiving(t)
  receiver.usual = takesUpTo(10_000)
  const { delivery, send } = delivering(t, receiver.url)
  send(...long('first-', 100))
  await delivery.flush(5_000)
  t.ok(receiver.arrivals.length > receiver.accepted.length)
  const refused = receiver.arrivals.length - receiver.accepted.length
  t.ok(refused <= 4, `${refused} were refused`)
  send(...long('second-', 100))
  t.equal(await delivery.flush(5_000), true)
  t.equal(receiver.arrivals.length - receiver.accepted.length, refused)
  t.ok(receiver.accepted.every(({ body }) => body.length > 5_000), 'not in smaller parts than it takes')
  t.strictSame(receiver.names, [...long('first-', 100), ...long('second-', 100)])
})

t.test('an endpoint that finds everything too large is sent each request once, after it was tried', async t => {
  const receiver = await receiving(t)
  receiver.usual = answer(413)
  const { delivery, send } = delivering(t, receiver.url)
  send(...long('first-', 500))
  await delivery.flush(5_000)
  t.ok(receiver.arrivals.length < 25, `${receiver.arrivals.length} requests`)
  const tried = receiver.arrivals.length
  send(...long('second-', 500))
  await delivery.flush(5_000)
  t.equal(receiver.arrivals.length, tried + 1)
  t.match(delivery.stats.signals.traces, { sent: 0, dropped: { rejected: 1_000 } })
  receiver.usual = takesUpTo(10_000)
  send('small')
  send(...long('third-', 100))
  t.equal(await delivery.flush(5_000), true, 'who takes something may take parts')
  t.strictSame(receiver.names, ['small', ...long('third-', 100)])
})

t.test('a request that is sent in parts goes on where it was when an attempt fails', async t => {
  for (const spool of [undefined, { directory: temporaryDirectory(t), maxBytes: SPOOL_BYTES }]) {
    const receiver = await receiving(t)
    let accepted = 0
    receiver.usual = takesUpTo(6_000, (response, request) => { (++accepted % 2 === 0 ? answer(503) : accept)(response, request) })
    const { delivery, send } = delivering(t, receiver.url, { spool })
    send(...long('span-', 50))
    t.equal(await delivery.flush(5_000), true)
    t.strictSame(receiver.names, long('span-', 50))
    t.match(delivery.stats.signals.traces, { sent: 50, dropped: { rejected: 0 } })
  }
})

t.test('parts that were acknowledged are neither sent again by the next process nor counted as dropped', async t => {
  const before: Array<readonly [string, Behaviour[], Behaviour]> = [
    ['from memory', [], answer(503)],
    ['from memory, without an answer', [], hang],
    ['from the disk', [answer(503)], answer(503)],
    ['from the disk, without an answer', [answer(503)], hang]
  ]
  for (const [name, first, then] of before) {
    const directory = temporaryDirectory(t)
    const receiver = await receiving(t, ...first)
    receiver.usual = takesUpTo(6_000, (response, request) => { (receiver.accepted.length < 2 ? accept : then)(response, request) })
    const one = delivering(t, receiver.url, { spool: { directory, maxBytes: SPOOL_BYTES } })
    one.send(...long('span-', 50))
    await receiver.until(() => receiver.accepted.length === 2)
    t.equal(await one.delivery.close(1_000), true, name)
    const { sent, dropped } = one.delivery.stats.signals.traces
    t.equal(sent, receiver.names.length, name)
    t.strictSame(Object.values(dropped), Object.values(dropped).map(() => 0), name)
    receiver.usual = accept
    const two = delivering(t, receiver.url, { spool: { directory, maxBytes: SPOOL_BYTES } })
    t.equal(await two.delivery.flush(5_000), true, name)
    t.strictSame(receiver.names.sort(), long('span-', 50).sort(), name)
  }
})

t.test('without a disk, only the parts that were not acknowledged are dropped', async t => {
  const receiver = await receiving(t)
  receiver.usual = takesUpTo(6_000, (response, request) => { (receiver.accepted.length < 2 ? accept : hang)(response, request) })
  const { delivery, send, held } = delivering(t, receiver.url)
  send(...long('span-', 50))
  await receiver.until(() => receiver.accepted.length === 2)
  t.equal(await delivery.close(300), false)
  const { sent, dropped } = delivery.stats.signals.traces
  t.equal(sent, receiver.names.length)
  t.equal(dropped.shutdown, 50 - sent)
  t.equal(held(), 0)
})
