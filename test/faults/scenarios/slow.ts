/** A collector that answers late, but does. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('takes 2.5 s for each answer', async s => {
  const app = await s.startApp()
  s.collector.behave = (response, arrival) => { setTimeout(() => { accept(response, arrival) }, 2_500) }
  await s.send(app, 15)
  s.collector.behave = accept
  await s.send(app, 2)
  await s.checkAllArrived(app)
  s.equal('nothing was sent a second time', s.collector.repeated, 0)
  return await s.observed(app)
})
