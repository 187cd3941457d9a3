import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { noCounts } from '../../lib/export/carrier-stats.ts'
import { LogFile, type LogFileSettings } from '../../lib/export/log-file.ts'
import { textBytes, type LogFileLines } from '../../lib/export/parcel.ts'
import { WorkerCarrier } from '../../lib/export/worker-carrier.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { RESOURCE } from './parcels.ts'

function parcel (...messages: string[]): LogFileLines {
  const lines = messages.map(message => `${JSON.stringify({ level: 30, msg: message })}\n`).join('')
  return { signal: 'logFile', lines, count: Buffer.byteLength(lines), bytes: textBytes(lines) }
}

function messages (path: string): string[] {
  return readFileSync(path, 'utf8').trim().split('\n').map(line => JSON.parse(line).message)
}

function settings (given: Partial<LogFileSettings> = {}): LogFileSettings & { released: number } {
  const settings = {
    format: { loggerName: 'app', secretQueryKeys: new Set<string>() },
    maxWaitingBytes: 1e9,
    counts: noCounts().logFile,
    released: 0,
    onRelease (bytes: number) { settings.released += bytes },
    onProblem: (problem: string) => { throw new Error(problem) },
    ...given
  }
  return settings
}

t.test('lines are converted and written in order, and the file rotates at 10 MB', async t => {
  const path = join(temporaryDirectory(t), 'logs/Letta.log')
  const given = settings()
  const file = new LogFile(path, given)
  const filler = 'x'.repeat(1_000)
  let bytes = 0
  for (let n = 0; n < 110; n++) {
    const part = parcel(...Array.from({ length: 100 }, (_, index) => `${n * 100 + index} ${filler}`))
    bytes += part.count
    file.take(part)
    if (n % 10 === 0) await file.flush()
  }
  await file.close()
  t.strictSame(readdirSync(join(path, '..')).sort(), ['Letta.1.log', 'Letta.log'])
  const numbers = [join(path, '../Letta.1.log'), path].flatMap(messages).map(parseFloat)
  t.strictSame(numbers, Array.from({ length: 11_000 }, (_, n) => n))
  t.equal(given.counts.sent, bytes)
  t.equal(given.released, bytes)
})

t.test('lines that a disk does not take leave room for telemetry, and are counted', async t => {
  const path = join(temporaryDirectory(t), 'Letta.log')
  const part = parcel('a')
  const given = settings({ maxWaitingBytes: part.count * 2 })
  const file = new LogFile(path, given)
  for (let n = 0; n < 5; n++) file.take(part)
  t.equal(given.counts.dropped.queue_full, part.count * 3)
  await file.close()
  t.strictSame(messages(path), ['a', 'a'])
  t.equal(given.released, part.count * 5)
})

t.test('a carrier writes it from the worker, or from the main thread where no worker can be loaded', async t => {
  const directory = temporaryDirectory(t)
  const absent = (): URL => new URL('./absent.ts', import.meta.url)
  for (const [thread, entry] of [['worker', undefined], ['main', absent]] as const) {
    const path = join(directory, `${thread}.log`)
    const carrier = new WorkerCarrier({ endpoints: {}, resource: RESOURCE, logFile: { path, loggerName: 'app' } }, () => {}, entry)
    t.teardown(async () => { await carrier.close(300) })
    carrier.take(parcel('held'))
    t.equal(await carrier.flush(20_000), true)
    t.strictSame(messages(path), ['held'])
    carrier.take(parcel('1', '2'))
    carrier.take(parcel('3'))
    t.equal(await carrier.close(20_000), true)
    t.strictSame(messages(path), ['held', '1', '2', '3'])
    t.match(carrier.stats, { thread, waitingBytes: 0, waiting: { logFile: 0 } })
    t.equal(carrier.stats.signals.logFile.sent, parcel('held', '1', '2', '3').count)
  }
})

t.test('without a log file, lines for it are dropped and counted', async t => {
  const carrier = new WorkerCarrier({ endpoints: {}, resource: RESOURCE }, () => {})
  const part = parcel('a')
  carrier.take(part)
  await carrier.close(20_000)
  t.match(carrier.stats.signals.logFile.dropped, { invalid: part.count })
})
