/** An outage that lasts until the disk's share for spans is full: the oldest make room, and are counted. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { scenario } from '../harness/scenario.ts'

/** Spans may take half of the 512 MB. */
const LIMIT_BYTES = 256 * 1024 * 1024
const SEGMENT_BYTES = 4 * 1024 * 1024
const SPAN_BYTES = 60_000

await scenario('spool limit reached: 420 MB of spans during an outage', async s => {
  const app = await s.startApp()
  await s.collector.goAway()
  await s.send(app, 35, { rate: 200, path: `/large/${SPAN_BYTES}` })
  const onDisk = bytesIn(join(s.directory, 'spool/faults/traces'))
  s.check('the disk holds no more than it may', onDisk <= LIMIT_BYTES, onDisk)
  s.check('and most of that', onDisk > LIMIT_BYTES * 0.9, onDisk)
  await s.collector.comeBack()
  await s.send(app, 2)
  const failed = async (): Promise<number> => (await app.stats()).spans.failed
  await s.collector.until(() => s.collector.received * SPAN_BYTES > LIMIT_BYTES * 0.9, 60_000)
  await app.flush()
  await app.flush()
  s.check('something was dropped', s.missing.length > 0)
  s.equal('every span that is missing is counted', await failed(), s.missing.length)
  s.checkOnce()
  const newestMissing = s.answered.findLastIndex(({ spanId }) => !s.collector.acknowledged.has(spanId))
  // The oldest segment is kept: it is the one that is being tried.
  const kept = newestMissing + 1 - s.missing.length
  s.check('the oldest were dropped, but for one segment', kept < 1.5 * SEGMENT_BYTES / SPAN_BYTES, { newestMissing, missing: s.missing.length })
  return await s.observed(app, `${(onDisk / 1024 / 1024).toFixed(0)} MiB on the disk; dropped: the oldest`)
})

function bytesIn (directory: string): number {
  return readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0)
}
