/** An outage with a disk that is soon full: the rest waits in memory, and beyond what memory may hold the oldest go. */
import { smallDisk } from '../harness/own-mounts.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('disk full during an outage', async s => {
  const { within, how } = smallDisk(s.directory, 1_024)
  const app = await s.startApp({ within })
  await s.send(app, 2)
  await s.drained(10)
  await s.collector.goAway()
  await s.send(app, 10, { path: '/large/2000' })
  await s.collector.comeBack()
  await s.checkAllArrived(app)
  s.equal('it is said once that telemetry waits in memory', app.problems.filter(problem => problem.includes('waits in memory only')).length, 1)
  s.check('because there is no room', app.problems.some(problem => /ENOSPC|EFBIG/.test(problem)), app.problems)
  const fits = await s.observed(app)

  await s.collector.goAway()
  await s.send(app, 12, { path: '/large/40000' })
  await s.collector.comeBack()
  await s.send(app, 2)
  await s.collector.until(() => s.collector.received > fits.answered + 500, 30_000)
  await app.flush()
  await app.flush()
  s.check('96 MB do not fit into the memory', s.missing.length > 0)
  s.equal('every span that is missing is counted', (await app.stats()).spans.failed, s.missing.length)
  s.checkOnce()
  return await s.observed(app, `${how}; none was lost of the first ${fits.answered}, then 96 MB had to wait in 64 MiB`)
})
