import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { CONDITIONS } from '../../../lib/export/spool/conditions.ts'
import { SegmentWriter } from '../../../lib/export/spool/segment-writer.ts'
import { SpoolDirectory } from '../../../lib/export/spool/spool-directory.ts'
import { SpoolSegments, type Tally } from '../../../lib/export/spool/spool-segments.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

/** A directory with one sealed segment of three records, and its segments as their owner sees them. */
async function prepare (t: Test) {
  const path = temporaryDirectory(t)
  const directory = await SpoolDirectory.enter(path, CONDITIONS)
  t.teardown(async () => { await directory.leave() })
  const tally: Tally = { bytes: 0, segments: 0, droppedRecords: 0, droppedItems: 0, tornSegments: 0 }
  const problems: string[] = []
  const segments = new SpoolSegments(directory, { maxBytes: 1_000, segmentBytes: 100 }, CONDITIONS, tally, problem => { problems.push(problem) })
  const segment = directory.nextSegment()
  const writer = await SegmentWriter.create(directory.pathOf(segment))
  for (const text of ['1', '2', '3']) await writer.append({ signal: 'logs', count: 5, body: Buffer.from(text) })
  await writer.close()
  await directory.release(segment)
  return { path, directory, tally, problems, segments }
}

t.test('what cannot be read any further goes back to where it was', async t => {
  const { path, problems, segments } = await prepare(t)
  const delivery = await segments.takeOldest(undefined)
  if (delivery === undefined) return t.fail('nothing to take')
  await delivery.reader.close()
  t.equal(await segments.peek(delivery), undefined)
  t.match(problems, [/left alone for now: EBADF/])
  t.match(readdirSync(path).filter(file => !file.endsWith('.owner')), [/\.sealed$/])
  t.equal(await segments.takeOldest(undefined), undefined)
})

t.test('an acknowledgement that cannot be written is told', async t => {
  const { problems, segments } = await prepare(t)
  const delivery = await segments.takeOldest(undefined)
  if (delivery === undefined) return t.fail('nothing to take')
  await delivery.reader.close()
  await segments.persist(delivery)
  t.match(problems, [/acknowledgement cannot be written to the spool \(EBADF\): after a crash its record is sent again/])
})

t.test('of two who take a segment one has it', async t => {
  const { path, directory, segments } = await prepare(t)
  const seen = await segments.look()
  const other = await SpoolDirectory.enter(path, CONDITIONS)
  const taken = await Promise.all([directory, other].map(async by => await Promise.all(seen.map(async segment => await by.take(segment)))))
  t.equal(taken.flat().filter(segment => segment !== undefined).length, 1)
  await other.leave()
})

t.test('a segment that another takes meanwhile is neither delivered nor dropped', async t => {
  const { path, directory, tally, segments } = await prepare(t)
  const [segment] = await directory.measure()
  if (segment === undefined) return t.fail('no segment')
  const other = await SpoolDirectory.enter(path, CONDITIONS)
  // It is listed as it was before the other took it.
  const stale = [segment]
  t.ok(await other.take(segment))
  directory.measure = async () => stale.splice(0)
  t.equal(await segments.takeOldest(undefined), undefined)
  stale.push(segment)
  t.equal(await segments.makeRoom(950), true)
  t.match(tally, { droppedRecords: 0, tornSegments: 0 })
  await other.leave()
})

t.test('room is made as far as it is needed', async t => {
  const { path, tally, segments } = await prepare(t)
  const bytes = statSync(join(path, readdirSync(path).find(file => file.endsWith('.sealed')) ?? '')).size
  t.equal(await segments.makeRoom(1_000 - bytes), true)
  t.match(tally, { droppedRecords: 0, bytes, segments: 1 })
  t.equal(await segments.makeRoom(1_001 - bytes), true)
  t.match(tally, { droppedRecords: 3, droppedItems: 15, bytes: 0, segments: 0 })
  t.equal(await segments.makeRoom(1_001), false)
})
