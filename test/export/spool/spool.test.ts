import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { SpoolConditions } from '../../../lib/export/spool/conditions.ts'
import { recordBytes, SEGMENT_HEAD_BYTES } from '../../../lib/export/spool/record-format.ts'
import { Spool, type SpoolOptions, type SpoolRecord } from '../../../lib/export/spool/spool.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

/** Fails a test that has a problem nobody expects. */
const refuse = (problem: string): void => { throw new Error(problem) }

async function open (directory: string, options: Partial<SpoolOptions> = {}, conditions: Partial<SpoolConditions> = {}): Promise<Spool> {
  return await Spool.open({ directory, maxBytes: 1_000_000, onProblem: refuse, ...options }, conditions)
}

const record = (text: string, count = 1): SpoolRecord => ({ signal: 'traces', count, body: Buffer.from(text) })

async function add (spool: Spool, ...texts: string[]): Promise<void> {
  for (const text of texts) t.equal(await spool.append(record(text)), true)
}

const textOf = (found: SpoolRecord | undefined): string | undefined => found && Buffer.from(found.body).toString()

/** Everything that waits, acknowledged. */
async function drain (spool: Spool): Promise<string[]> {
  const texts: string[] = []
  for (let found = await spool.next(); found !== undefined; found = await spool.next()) {
    texts.push(textOf(found) ?? '')
    await found.acknowledge()
  }
  return texts
}

/** Bytes of a segment of so many records of so many bytes each. */
const segmentOf = (records: number, bytes: number): number => SEGMENT_HEAD_BYTES + records * recordBytes(record('x'.repeat(bytes)))

/** What a crash does to the others' view: the owner is gone without having tidied up. */
function disown (directory: string): void {
  for (const file of globSync('*.owner', { cwd: directory })) rmSync(join(directory, file))
}

t.test('records come back in order, as they were, once', async t => {
  const directory = join(temporaryDirectory(t), 'a/service')
  const spool = await open(directory)
  t.equal(await spool.next(), undefined)
  await spool.append({ signal: 'metrics', count: 3, body: Buffer.from('one') })
  await spool.append({ signal: 'logs', count: 4, body: Buffer.alloc(0) })
  const first = await spool.next()
  t.match(first, { signal: 'metrics', count: 3 })
  t.equal(textOf(await spool.next()), 'one', 'the same until it is acknowledged')
  await first?.acknowledge()
  await first?.acknowledge()
  t.match(await spool.next(), { signal: 'logs', count: 4, body: { length: 0 } })
  await add(spool, 'three')
  t.strictSame(await drain(spool), ['', 'three'])
  t.match(spool.stats, { bytes: 0, segments: 0, droppedRecords: 0, droppedItems: 0, tornSegments: 0, memoryOnly: false })
  await spool.close()
  t.strictSame(readdirSync(directory), [], 'nothing is left behind')
  if (process.platform !== 'win32') t.equal(statSync(directory).mode & 0o777, 0o700)
})

t.test('what is not acknowledged waits for the next process', async t => {
  const directory = temporaryDirectory(t)
  const before = await open(directory)
  await add(before, '1', '2', '3')
  const first = await before.next()
  await first?.acknowledge()
  const second = await before.next()
  await add(before, '4')
  await before.close()
  await second?.acknowledge()
  t.equal(await before.append(record('5')), false, 'a closed spool takes nothing')
  t.equal(await before.next(), undefined)
  await before.close()

  const after = await open(directory)
  t.match(after.stats, { segments: 2, bytes: segmentOf(3, 1) + segmentOf(1, 1) })
  await add(after, 'own')
  t.strictSame(await drain(after), ['2', '3', '4', 'own'], 'acknowledged too late counts for nothing')
  await after.close()
})

t.test('how much of a record was acknowledged by itself is known to the next process, also after a crash', async t => {
  const directory = temporaryDirectory(t)
  const dead = await open(directory)
  for (const text of ['1', '2']) await dead.append(record(text, 10))
  const first = await dead.next()
  t.match(first, { count: 10, done: 0 })
  await first?.acknowledgeFirst(4)
  await first?.acknowledgeFirst(7)
  t.match(await dead.next(), { count: 10, done: 7 })
  disown(directory)

  const heir = await open(directory)
  const again = await heir.next()
  t.match(again, { count: 10, done: 7 })
  t.equal(textOf(again), '1', 'it is given as it was kept')
  await again?.acknowledge()
  const second = await heir.next()
  t.match(second, { count: 10, done: 0 }, 'of this one')
  await again?.acknowledgeFirst(9)
  t.equal((await heir.next())?.done, 0, 'acknowledged too late counts for nothing')
  await second?.acknowledgeFirst(3)
  await heir.close()
  await dead.close()

  const full = SEGMENT_HEAD_BYTES + recordBytes(record('x'.repeat(100)))
  const tight = await open(directory, { maxBytes: full, segmentBytes: full })
  await add(tight, 'x'.repeat(100))
  t.match(tight.stats, { droppedRecords: 1, droppedItems: 7 }, 'only what was not acknowledged is counted as dropped')
  await tight.close()
})

t.test('segments are sealed when full; a record may be larger than one', async t => {
  const directory = temporaryDirectory(t)
  const spool = await open(directory, { segmentBytes: segmentOf(2, 10) })
  const texts = ['a', 'b', 'c', 'd', 'e'].map(letter => letter.repeat(10))
  await add(spool, ...texts)
  t.equal(globSync('*.sealed', { cwd: directory }).length, 2)
  t.equal(globSync('*.open', { cwd: directory }).length, 1)
  const large = 'L'.repeat(500)
  await add(spool, large)
  t.match(spool.stats, { segments: 4, bytes: 2 * segmentOf(2, 10) + segmentOf(1, 10) + segmentOf(1, 500) })
  t.strictSame(await drain(spool), [...texts, large])
  await spool.close()
})

t.test('concurrent calls take their turns', async t => {
  const spool = await open(temporaryDirectory(t), { segmentBytes: 200 })
  const texts = Array.from({ length: 50 }, (_, n) => String(n))
  const appended = texts.map(async text => await spool.append(record(text)))
  const found = await Promise.all([spool.next(), spool.next(), spool.next()])
  t.ok((await Promise.all(appended)).every(Boolean))
  t.strictSame(found.map(textOf), ['0', '0', '0'])
  await Promise.all(found.map(async one => { await one?.acknowledge() }))
  t.strictSame(await drain(spool), texts.slice(1))
  await spool.close()
})

t.test('the oldest segments make room, and are counted', async t => {
  const full = segmentOf(2, 100)
  const directory = temporaryDirectory(t)
  const spool = await open(directory, { maxBytes: 4 * full, segmentBytes: full })
  for (let n = 0; n < 20; n++) {
    t.equal(await spool.append(record(String(n).padEnd(100), 10)), true)
    const bytes = readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0)
    t.ok(bytes <= 4 * full, `${bytes} bytes`)
    t.equal(spool.stats.bytes, bytes)
  }
  t.match(spool.stats, { droppedRecords: 12, droppedItems: 120, segments: 4 })
  t.strictSame((await drain(spool)).map(Number), [12, 13, 14, 15, 16, 17, 18, 19])
  await spool.close()
})

t.test('what is being delivered is not dropped; only what was not acknowledged is counted as dropped', async t => {
  const full = segmentOf(2, 100)
  const directory = temporaryDirectory(t)
  const before = await open(directory, { segmentBytes: full })
  await add(before, ...['0', '1', '2', '3'].map(text => text.padEnd(100)))
  await (await before.next())?.acknowledge()
  await before.close()

  const spool = await open(directory, { maxBytes: 4 * full, segmentBytes: full })
  const one = await spool.next()
  t.equal(Number(textOf(one)), 1)
  for (let n = 4; n < 10; n++) t.equal(await spool.append(record(String(n).padEnd(100))), true)
  t.match(spool.stats, { droppedRecords: 2 })
  t.equal(Number(textOf(await spool.next())), 1)
  t.strictSame((await drain(spool)).map(Number), [1, 4, 5, 6, 7, 8, 9])
  await spool.close()

  const last = await open(directory, { segmentBytes: full })
  await add(last, ...['10', '11', '12', '13'].map(text => text.padEnd(100)))
  await (await last.next())?.acknowledge()
  await last.close()
  const tight = await open(directory, { maxBytes: 2 * full, segmentBytes: full })
  await add(tight, '14'.padEnd(300))
  t.match(tight.stats, { droppedRecords: 3 }, 'of four one was acknowledged')
  await tight.close()
})

t.test('when every segment is in use, nothing is taken and nothing dropped', async t => {
  const problems: string[] = []
  const full = segmentOf(1, 100)
  const spool = await open(temporaryDirectory(t), { maxBytes: full, onProblem: problem => { problems.push(problem) } }, { retryMs: 0 })
  await add(spool, 'x'.repeat(100))
  const found = await spool.next()
  t.equal(await spool.append(record('y'.repeat(100))), false)
  t.equal(await spool.append(record('y'.repeat(100))), false)
  t.match(spool.stats, { droppedRecords: 0, memoryOnly: true })
  t.match(problems, [/full of segments in use/])
  t.equal(await spool.append(record('z'.repeat(101))), false, 'larger than the whole spool')
  t.match(problems, [/full/, /larger than the spool may be/])
  await found?.acknowledge()
  await add(spool, 'y'.repeat(100))
  t.equal(spool.stats.memoryOnly, false)
  await spool.close()
})

t.test('a clock that jumps back changes no order, neither here nor between processes', async t => {
  const directory = temporaryDirectory(t)
  const clock = { now: 5_000_000 }
  const conditions = { now: () => (clock.now -= 100_000) }
  const one = await open(directory, { segmentBytes: 40 }, conditions)
  await add(one, '1', '2', '3', '4')
  await one.close()
  const two = await open(directory, { segmentBytes: 40 }, conditions)
  await add(two, '5', '6', '7')
  await two.close()
  const three = await open(directory)
  t.strictSame(await drain(three), ['1', '2', '3', '4', '5', '6', '7'])
  await three.close()
})

t.test('files of others are left alone, whatever number is in their names', async t => {
  const others = ['9999999999999999-00000000-1_0_0_0.open', 'notes.txt', 'x.owner']
  const directory = temporaryDirectory(t, Object.fromEntries(others.map(name => [name, 'not ours'])))
  // The last that has a number, of somebody who died.
  writeFileSync(join(directory, '253402300799999-00000000-1_0_0_0.sealed'), '')
  const before = await open(directory)
  await add(before, '1')
  await before.close()
  const after = await open(directory)
  await add(after, '2')
  t.strictSame(await drain(after), ['1', '2'])
  t.equal(after.stats.segments, 0)
  await after.close()
  t.strictSame(readdirSync(directory).sort(), others.sort())
})

t.test('a segment of a time that no clock has is delivered, last, and newer ones find a name', async t => {
  const directory = temporaryDirectory(t)
  const before = await open(directory)
  await add(before, 'far')
  await before.close()
  const [segment = ''] = readdirSync(directory).filter(name => name.endsWith('.sealed'))
  renameSync(join(directory, segment), join(directory, segment.replace(/^\d+/, '9'.repeat(15))))
  for (const name of ['1', '2']) {
    const next = await open(directory)
    t.ok(next.stats.bytes > 0, 'it is counted')
    await add(next, name)
    await next.close()
  }
  const after = await open(directory)
  t.strictSame(await drain(after), ['1', '2', 'far'])
  t.equal(after.stats.segments, 0)
  await after.close()
})

t.test('a living owner’s segments are its own, a dead one’s are adopted first', async t => {
  const directory = temporaryDirectory(t)
  const [one, two] = [await open(directory), await open(directory)]
  await add(one, '1', '2')
  await add(two, '3')
  t.equal(two.stats.segments, 2)
  t.equal(textOf(await one.next()), '1')
  t.strictSame(await drain(two), ['3'])
  await add(two, '4')
  await one.close()
  t.strictSame(await drain(two), ['1', '2', '4'])
  await two.close()
})

t.test('a living owner’s sealed segments are dropped when room is needed, open ones are not', async t => {
  const full = segmentOf(1, 100)
  const directory = temporaryDirectory(t)
  const options = { maxBytes: 4 * full, segmentBytes: full }
  const [one, two] = [await open(directory, options), await open(directory, options)]
  await add(one, ...['0', '1', '2'].map(text => text.padEnd(100)))
  await add(two, ...['3', '4', '5'].map(text => text.padEnd(100)))
  t.equal(two.stats.droppedRecords, 2)
  t.strictSame((await drain(one)).map(Number), [2])
  t.strictSame((await drain(two)).map(Number), [3, 4, 5])
  await one.close()
  await two.close()
})

t.test('owner files of the dead go, those of the living stay', async t => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  const directory = temporaryDirectory(t)
  const living = await open(directory)
  const [name = ''] = readdirSync(directory)
  writeFileSync(join(directory, name.replace(/^\d+/, String(child.pid))), '')
  const next = await open(directory)
  t.equal(readdirSync(directory).length, 2)
  t.ok(existsSync(join(directory, name)))
  await living.close()
  await next.close()
})

t.test('a torn segment is told once and ends early; others follow', async t => {
  const directory = temporaryDirectory(t, { 'not a segment': '' })
  const before = await open(directory, { segmentBytes: segmentOf(3, 1) })
  await add(before, '1', '2', '3', '4')
  await before.close()
  const [first = ''] = globSync('*.sealed', { cwd: directory }).sort()
  truncateSync(join(directory, first), segmentOf(3, 1) - 1)
  const problems: string[] = []
  const after = await open(directory, { onProblem: problem => { problems.push(problem) } })
  t.strictSame(await drain(after), ['1', '2', '4'])
  t.match(after.stats, { tornSegments: 1, droppedRecords: 0, segments: 0, memoryOnly: false })
  t.match(problems, [/torn at byte 50 of 66/])
  await after.close()
  t.strictSame(readdirSync(directory), ['not a segment'])
})

t.test('an owner that died while it delivered, or wrote, is taken over where it was', async t => {
  const directory = temporaryDirectory(t)
  const dead = await open(directory, { segmentBytes: segmentOf(2, 1) })
  await add(dead, '1', '2', '3')
  await (await dead.next())?.acknowledge()
  disown(directory)
  t.strictSame([...globSync('*.{held-*,open}', { cwd: directory })].length, 2)
  const heir = await open(directory)
  t.strictSame(await drain(heir), ['2', '3'])
  await heir.close()
  await dead.close()
  t.strictSame(readdirSync(directory), [])
})

t.test('an owner that somebody signed out starts anew with its next sign of life', async t => {
  const directory = temporaryDirectory(t)
  const { promise: told, resolve } = Promise.withResolvers<string>()
  const spool = await open(directory, { onProblem: resolve }, { heartbeatMs: 1, retryMs: 0 })
  await add(spool, '1')
  const [before = ''] = globSync('*.owner', { cwd: directory })
  const { mtimeMs } = statSync(join(directory, before))
  while (statSync(join(directory, before)).mtimeMs === mtimeMs) await spool.next()
  disown(directory)
  // Only the timer can find out; a timer of ours keeps the process for it.
  const alive = setInterval(() => {}, 1_000)
  t.match(await told, /ENOENT/)
  clearInterval(alive)
  t.strictSame(await drain(spool), ['1'])
  const [after = ''] = globSync('*.owner', { cwd: directory })
  t.not(after, before)
  await spool.close()
})

t.test('a body is all that is stored', async t => {
  const directory = temporaryDirectory(t)
  const spool = await open(directory)
  const withSecret = { ...record('body'), headers: { authorization: 'secret' } }
  await spool.append(withSecret)
  const [file = ''] = globSync('*.open', { cwd: directory })
  t.notMatch(readFileSync(join(directory, file), 'latin1'), 'secret')
  renameSync(join(directory, file), join(directory, `${file}.kept`))
  await spool.close()
  t.match(spool.stats, { droppedRecords: 1 }, 'a segment that somebody took away is counted')
})
