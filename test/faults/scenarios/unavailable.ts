/** A collector that answers 503 for a while. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('answers 503 for 10 s', async s => {
  const app = await s.startApp()
  await s.send(app, 2)
  s.collector.behave = response => { response.writeHead(503).end() }
  await s.send(app, 10)
  const attempts = s.collector.arrivals.length
  s.collector.behave = accept
  await s.send(app, 2)
  await s.checkAllArrived(app)
  // 0.5 s, then twice as long each time up to 5 s: five attempts, and those before.
  s.check('it is tried again, and with growing patience', attempts >= 4 && attempts <= 12, attempts)
  return await s.observed(app)
})
