import pino from 'pino'
import t from 'tap'
import type { Carrier } from '../../lib/export/carrier.ts'
import { LogLineBatches } from '../../lib/export/log-line-batches.ts'
import type { LogLines, Parcel } from '../../lib/export/parcel.ts'
import { WorkerCarrier } from '../../lib/export/worker-carrier.ts'
import { tapLines } from '../../lib/logs/tap-lines.ts'
import { RESOURCE } from './parcels.ts'
import { accept, Receiver } from './receiver.ts'

function gathering (channel?: 'logs' | 'logFile'): { batches: LogLineBatches, taken: LogLines[], next: () => Promise<void> } {
  const taken: LogLines[] = []
  let arrival = Promise.withResolvers<void>()
  const take = (parcel: Parcel): boolean => {
    taken.push(parcel as LogLines)
    arrival.resolve()
    arrival = Promise.withResolvers()
    return true
  }
  return { batches: new LogLineBatches({ take } as unknown as Carrier, channel), taken, next: async () => { await arrival.promise } }
}

t.test('lines wait for others, for a while', async t => {
  const { batches, taken, next } = gathering()
  const batch = batches.open({})
  const arrived = next()
  const start = performance.now()
  batch.read('a\n')
  batch.read('b\n')
  t.strictSame(taken, [])
  const alive = setTimeout(() => {}, 5_000)
  await arrived
  clearTimeout(alive)
  t.ok(performance.now() - start < 1_000)
  t.strictSame(taken, [{ signal: 'logs', lines: 'a\nb\n', count: 2, bytes: 4, dialect: undefined }])
})

t.test('much leaves at once, however long the application does not yield', async t => {
  const { batches, taken } = gathering()
  const batch = batches.open({})
  const line = `${'x'.repeat(999)}\n`
  for (let n = 0; n < 1_000; n++) batch.read(line)
  batch.read(`${'y'.repeat(1024 * 1024)}\n`)
  batches.flush()
  t.equal(taken.reduce((sum, { count }) => sum + count, 0), 1_001)
  t.equal(taken.map(({ lines }) => lines).join('').length, 1_000_000 + 1024 * 1024 + 1)
  for (const { lines } of taken.slice(0, -1)) t.ok(lines.length <= 66_000)
})

t.test('lines are counted with what they take at most, in any script', async t => {
  const { batches, taken } = gathering()
  const batch = batches.open({})
  for (const line of ['plain\n', '\u00e9\n', '\u65e5\u672c\n', `${'x'.repeat(100)}\u65e5\n`]) {
    batch.read(line)
    batch.flush()
  }
  t.strictSame(taken.map(({ bytes }) => bytes), [6, 4, 7, 204])
})

t.test('loggers that write in different ways have batches of their own', async t => {
  const { batches, taken } = gathering()
  batches.open({ messageKey: 'msg', errorKey: 'err', levels: { 10: 'trace', 30: 'info', 60: 'fatal' } }).read('a\n')
  batches.open({ messageKey: 'message', levels: { 30: 'info', 35: 'notice' } }).read('b\n')
  const renamed = batches.open({ levels: { 10: 'low' } })
  renamed.read('c\n')
  renamed.flush()
  batches.flush()
  batches.flush()
  t.strictSame(taken.map(({ lines, dialect }) => [lines, dialect]), [
    ['c\n', { messageKey: 'msg', errorKey: 'err', levels: { 10: 'low' } }],
    ['a\n', undefined],
    ['b\n', { messageKey: 'message', errorKey: 'err', levels: { 35: 'notice' } }]
  ])
})

t.test('lines for the log file say too in which way they are written', async t => {
  const { batches, taken } = gathering('logFile')
  batches.open({ messageKey: 'message' }).read('é\n')
  batches.flush()
  t.strictSame(taken, [{ signal: 'logFile', lines: 'é\n', count: 3, bytes: 4, dialect: { messageKey: 'message', errorKey: 'err', levels: {} } }])
})

t.test('a burst at an endpoint that does not answer stays within its memory, and every line is counted', async t => {
  const receiver = await Receiver.listen()
  const held: Array<() => void> = []
  receiver.usual = (response, request) => { held.push(() => { accept(response, request) }) }
  t.teardown(async () => { await receiver.close() })
  const carrier = new WorkerCarrier({
    endpoints: { logs: receiver.url.replace('traces', 'logs') }, resource: RESOURCE, maxWaitingBytes: 1024 * 1024, timeoutMs: 60_000
  }, () => {})
  const batches = new LogLineBatches(carrier)
  const logger = pino({}, { write () {} })
  tapLines(logger, batches, ({ dialect }) => batches.open(dialect))
  let most = 0
  for (let n = 0; n < 20_000; n++) {
    logger.info({ filler: 'x'.repeat(200) }, `line ${n}`)
    most = Math.max(most, carrier.stats.waitingBytes)
  }
  batches.flush()
  t.ok(most > 0 && most <= 1024 * 1024)
  const { taken, dropped } = carrier.stats.signals.logs
  t.ok(dropped.queue_full > 10_000)
  t.equal(taken + dropped.queue_full, 20_000)
  receiver.usual = accept
  for (const answer of held) answer()
  const complete = await carrier.flush(60_000)
  const { sent, dropped: droppedAtLast } = carrier.stats.signals.logs
  t.equal(complete, droppedAtLast.queue_full === dropped.queue_full)
  t.equal(sent + droppedAtLast.queue_full, 20_000)
  t.equal(receiver.names.length, sent)
  t.strictSame(receiver.names, receiver.names.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5))), 'those that arrive are in order')
  await carrier.close(1_000)
})
