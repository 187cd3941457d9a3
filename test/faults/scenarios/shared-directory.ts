/** Three processes with one spool directory in an outage; one of them is killed. */
import { scenario } from '../harness/scenario.ts'

/** What was not on the disk yet when a process was killed: two seconds of batching, and leeway. */
const BATCHING_MS = 2_500

await scenario('three processes share a directory, one is killed in an outage', async s => {
  const apps = await Promise.all([s.startApp(), s.startApp(), s.startApp()])
  const loads = apps.map(() => s.anotherLoad())
  const sendAll = async (milliseconds: number): Promise<void> => {
    await Promise.all(loads.map(async (load, index) => await load.run({ url: `${apps[index]!.url}/work`, rate: 100, milliseconds })))
  }
  await sendAll(2_000)
  await s.collector.goAway()
  const during = sendAll(8_000)
  await new Promise(resolve => setTimeout(resolve, 6_000))
  const killedAt = Date.now()
  await apps[0]!.end('SIGKILL')
  await during
  await s.collector.comeBack()
  const livingIds = new Set(loads.slice(1).flatMap(({ answered }) => answered.map(({ spanId }) => spanId)))
  const deadIds = loads[0]!.answered.filter(({ at }) => at < killedAt - BATCHING_MS).map(({ spanId }) => spanId)
  const wanted = [...livingIds, ...deadIds]
  // Every 10 s a process looks for what others left.
  await s.collector.until(() => wanted.every(id => s.collector.acknowledged.has(id)), 40_000)
  s.equal('everything of the living arrived, and of the dead what was on the disk', wanted.filter(id => !s.collector.acknowledged.has(id)).length, 0)
  s.checkOnce()
  await Promise.all(apps.slice(1).map(async app => await app.flush()))
  s.equal('the living dropped none', (await Promise.all(apps.slice(1).map(async app => (await app.stats()).spans.failed))), [0, 0])
  return await s.observed(apps[1], 'missing: of the one that was killed')
})
