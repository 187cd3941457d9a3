/** SIGKILL while the collector is away: what is on the disk arrives with the next process. */
import { scenario } from '../harness/scenario.ts'
import { spansOnDisk } from '../harness/spans-on-disk.ts'

/** A span waits a second for others in its chunk, and its chunk a second for others in a request; then it is written. */
const BATCHING_MS = 2_000
/** For two threads, a disk and a load that share two processors. */
const LEEWAY_MS = 500

await scenario('SIGKILL during an outage, then a restart', async s => {
  const first = await s.startApp()
  await s.send(first, 2)
  await s.drained(10)
  await s.collector.goAway()
  const load = s.send(first, 8)
  await new Promise(resolve => setTimeout(resolve, 7_000))
  const killedAt = Date.now()
  await first.end('SIGKILL')
  await load
  const spooled = await spansOnDisk(s.directory)
  const delivered = s.collector.acknowledged.size
  s.check('there is something on the disk', spooled.length > 0)

  await s.collector.comeBack()
  const second = await s.startApp()
  await s.collector.until(() => s.collector.acknowledged.size >= delivered + spooled.length, 30_000)
  s.equal('all of it arrives', spooled.filter(id => s.collector.acknowledged.get(id) !== 1).length, 0)
  s.checkOnce()
  const oldest = Math.max(0, ...s.missing.map(({ at }) => killedAt - at))
  s.check(`what was lost was answered less than ${BATCHING_MS} ms before`, oldest <= BATCHING_MS + LEEWAY_MS, oldest)
  // The collector knows that it acknowledged before the application does.
  await second.flush()
  s.equal('the next process clears the disk', (await spansOnDisk(s.directory)).length, 0)
  return await s.observed(second, `${spooled.length} were on the disk; lost: the last ${oldest} ms before the kill`)
})
