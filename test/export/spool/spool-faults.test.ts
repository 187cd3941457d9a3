import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Spool, type SpoolOptions, type SpoolRecord } from '../../../lib/export/spool/spool.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

const RETRY_MS = 10_000

/** A spool with a steady clock that a test sets, and what it told. */
async function open (directory: string, options: Partial<SpoolOptions> = {}) {
  const problems: string[] = []
  const clock = { ms: 0 }
  const spool = await Spool.open(
    { directory, maxBytes: 100_000_000, onProblem: problem => { problems.push(problem) }, ...options },
    { elapsed: () => clock.ms, retryMs: RETRY_MS })
  return { spool, problems, clock }
}

const record = (text: string, bytes = text.length): SpoolRecord => ({ signal: 'logs', count: 2, body: Buffer.from(text.padEnd(bytes)) })

async function drain (spool: Spool): Promise<string[]> {
  const texts: string[] = []
  for (let found = await spool.next(); found !== undefined; found = await spool.next()) {
    texts.push(Buffer.from(found.body).toString().trimEnd())
    await found.acknowledge()
  }
  return texts
}

/** Leaves these records behind, each in a segment of its own. */
async function leave (directory: string, ...texts: string[]): Promise<void> {
  const { spool } = await open(directory, { segmentBytes: 1 })
  for (const text of texts) await spool.append(record(text))
  await spool.close()
}

/** A file system of a megabyte; not in the test's directory, which tap empties on its own account. */
function mount (t: Test): string {
  const disk = mkdtempSync(join(tmpdir(), 'letta-otel-disk-'))
  t.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status, 0)
  t.teardown(() => {
    spawnSync('umount', ['--lazy', disk])
    rmdirSync(disk)
  })
  return disk
}

/** Takes the last free byte. */
function fill (disk: string): void {
  t.throws(() => { writeFileSync(join(disk, 'filler'), Buffer.alloc(2_000_000)) }, { code: 'ENOSPC' })
}

const remount = (disk: string, mode: 'ro' | 'rw'): void => { t.equal(spawnSync('mount', ['-o', `remount,${mode}`, disk]).status, 0) }

/** Why nothing can be mounted here; false when it can. */
function cannotMount (): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting takes root on Linux'
  const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])
  return probe.status === 0 ? false : `mounting does not work here: ${String(probe.stderr ?? probe.error)}`
}

const skip = cannotMount()

t.test('a full disk: memory only, told once, tried again; what was taken is delivered', { skip }, async t => {
  const disk = mount(t)
  const { spool, problems, clock } = await open(disk)
  let taken = 0
  while (await spool.append(record(String(taken), 50_000))) taken += 1
  t.ok(taken > 15, `${taken} records`)
  t.equal(spool.stats.memoryOnly, true)
  t.match(problems, [/ENOSPC.*memory only/])

  clock.ms += RETRY_MS - 1
  t.equal(await spool.append(record('x')), false, 'not tried before its time')
  clock.ms += 1
  t.equal(await spool.append(record('x', 500_000)), false)
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('x', 500_000)), false)
  t.equal(problems.length, 1)

  fill(disk)
  const first = await spool.next()
  t.equal(Buffer.from(first?.body ?? '').toString().trimEnd(), '0')
  await first?.acknowledge()
  t.strictSame(await drain(spool), Array.from({ length: taken - 1 }, (_, n) => String(n + 1)))
  t.match(spool.stats, { tornSegments: 0, droppedRecords: 0, bytes: 0 })
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('again')), true)
  t.equal(spool.stats.memoryOnly, false)
  t.equal(problems.length, 1)
  await spool.close()
})

t.test('on a full disk the next process delivers what it finds', { skip }, async t => {
  const disk = mount(t)
  await leave(disk, '1', '2', '3')
  fill(disk)
  const { spool, problems } = await open(disk)
  t.equal(spool.stats.memoryOnly, false, 'to sign in takes no room')
  t.equal(await spool.append(record('x')), false)
  await (await spool.next())?.acknowledge()
  await spool.close()
  const next = await open(disk)
  t.strictSame(await drain(next.spool), ['2', '3'])
  await next.spool.close()
  t.match(problems, [/ENOSPC/])
  t.strictSame(readdirSync(disk), ['filler'])
})

t.test('a read-only directory: memory only, told once, used when it can be', { skip }, async t => {
  const disk = mount(t)
  await leave(disk, '1', '2')
  remount(disk, 'ro')
  const { spool, problems, clock } = await open(disk)
  t.match(spool.stats, { memoryOnly: true, bytes: 0 })
  t.equal(await spool.append(record('x')), false)
  t.equal(await spool.next(), undefined)
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('x')), false)
  t.match(problems, [/EROFS.*memory only/])
  remount(disk, 'rw')
  t.equal(await spool.append(record('x')), false, 'not tried before its time')
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('3')), true)
  t.equal(spool.stats.memoryOnly, false)
  t.strictSame(await drain(spool), ['1', '2', '3'])
  await spool.close()
  t.equal(problems.length, 1)
})

t.test('a disk that turns read-only while it is in use', { skip }, async t => {
  const disk = mount(t)
  await leave(disk, '1', '2')
  const { spool, problems, clock } = await open(disk)
  remount(disk, 'ro')
  t.equal(await spool.next(), undefined)
  t.equal(await spool.append(record('x')), false)
  remount(disk, 'rw')
  t.equal(await spool.next(), undefined, 'not tried before its time')
  clock.ms += RETRY_MS
  t.strictSame(await drain(spool), ['1', '2'])
  t.equal(await spool.append(record('3')), true)
  t.match(problems, [/left alone for now: EROFS/, /cannot be used \(EROFS\)/])
  await spool.close()
})

t.test('a file in place of the directory, then a directory', async t => {
  const directory = join(temporaryDirectory(t, { spool: '' }), 'spool')
  const { spool, problems, clock } = await open(directory)
  t.equal(spool.stats.memoryOnly, true)
  t.equal(await spool.append(record('1')), false)
  t.equal(await spool.next(), undefined)
  t.match(problems, [/EEXIST.*memory only/])
  rmSync(directory)
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('2')), true)
  t.strictSame(await drain(spool), ['2'])
  await spool.close()

  const below = await open(join(temporaryDirectory(t, { file: '' }), 'file/spool'))
  t.match(below.problems, [/ENOTDIR/])
  await below.spool.close()
  t.equal(below.spool.stats.memoryOnly, true)
})

t.test('the directory is removed: told once, what was lost is counted, made again after a while', async t => {
  const directory = join(temporaryDirectory(t), 'spool')
  const { spool, problems, clock } = await open(directory)
  await spool.append(record('1'))
  await spool.append(record('2'))
  rmSync(directory, { recursive: true })
  t.equal(await spool.append(record('3')), false)
  t.match(spool.stats, { memoryOnly: true, droppedRecords: 2, droppedItems: 4 })
  t.equal(await spool.append(record('3')), false)
  t.equal(await spool.next(), undefined)
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('3')), true)
  t.strictSame(await drain(spool), ['3'])
  t.match(problems, [/ENOENT/])

  rmSync(directory, { recursive: true })
  t.equal(await spool.next(), undefined)
  clock.ms += RETRY_MS
  t.equal(await spool.append(record('4')), true)
  const found = await spool.next()
  rmSync(directory, { recursive: true })
  t.equal(await spool.append(record('5')), false, 'no segment can be made')
  await found?.acknowledge()
  await spool.close()
  t.equal(problems.length, 1)
})

t.test('a segment that cannot be read is left alone for a while, and for other processes', async t => {
  const directory = temporaryDirectory(t)
  await leave(directory, '1', '2')
  const [first = ''] = readdirSync(directory).sort()
  const path = join(directory, first)
  renameSync(path, `${path}.away`)
  mkdirSync(path)
  const { spool, problems, clock } = await open(directory)
  t.strictSame(await drain(spool), ['2'])
  t.equal(await spool.next(), undefined)
  t.match(problems, [/left alone for now: EISDIR/])
  rmdirSync(path)
  renameSync(`${path}.away`, path)
  t.equal(await spool.next(), undefined, 'not tried before its time')
  clock.ms += RETRY_MS
  t.strictSame(await drain(spool), ['1'])
  t.equal(problems.length, 1)
  await spool.close()
})

t.test('a segment of a later version is kept for who can read it', async t => {
  const directory = temporaryDirectory(t)
  await leave(directory, '1', '2')
  const [first = ''] = readdirSync(directory).sort()
  writeFileSync(join(directory, first), `LOSP\x09${'x'.repeat(100)}`)
  const { spool, problems } = await open(directory, { maxBytes: 250 })
  t.strictSame(await drain(spool), ['2'])
  t.equal(await spool.append(record('3', 150)), false, 'also when room is needed')
  t.strictSame(readdirSync(directory).filter(file => !file.endsWith('.owner')), [first])
  t.match(problems, [/left alone for now: it is of version 9, this process knows 1/, /full of segments in use/])
  await spool.close()
})

t.test('a segment that cannot be removed is not given twice', async t => {
  const directory = temporaryDirectory(t)
  await leave(directory, '1')
  const { spool, problems, clock } = await open(directory)
  const found = await spool.next()
  const [held = ''] = globSync('*.held-*', { cwd: directory })
  unlinkSync(join(directory, held))
  mkdirSync(join(directory, held))
  await found?.acknowledge()
  clock.ms += RETRY_MS
  t.equal(await spool.next(), undefined)
  t.match(problems, [/left alone for now: (EISDIR|EPERM)/])
  await spool.close()
})
