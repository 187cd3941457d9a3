/** The wall clock jumps back by an hour and forward by a day, with the collector there and away. */
import { scenario } from '../harness/scenario.ts'

const HOUR_MS = 3_600_000

await scenario('the clock jumps back an hour, twice, and on a day', async s => {
  const app = await s.startApp({ faulty: true })
  await s.send(app, 3)
  const jump = async (milliseconds: number): Promise<void> => {
    const load = s.send(app, 6)
    await new Promise(resolve => setTimeout(resolve, 2_000))
    await app.setClock(milliseconds)
    await load
  }
  await jump(-HOUR_MS)
  s.check('with the collector there, nothing is stuck', await s.drained(5), s.missing.length)
  await s.collector.goAway()
  await jump(-2 * HOUR_MS)
  await jump(24 * HOUR_MS)
  await s.collector.comeBack()
  await s.checkAllArrived(app)
  const starts = s.collector.arrivals.flatMap(({ spans }) => spans.map(({ start }) => start - Date.now()))
  for (const hours of [0, -1, -2, 24]) {
    s.check(`spans began by the clock as it was ${hours} h off`, starts.some(start => Math.abs(start - hours * HOUR_MS) < HOUR_MS / 4))
  }
  return await s.observed(app)
})
