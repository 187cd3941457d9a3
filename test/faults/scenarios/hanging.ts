/** A collector that takes connections and requests, and never answers. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('accepts and hangs for 15 s', async s => {
  const app = await s.startApp()
  await s.send(app, 2)
  s.collector.behave = () => {}
  await s.send(app, 15)
  s.check('spans arrived that were not acknowledged', s.collector.received > s.collector.acknowledged.size)
  s.collector.behave = accept
  await s.send(app, 2)
  await s.checkAllArrived(app)
  return await s.observed(app)
})
