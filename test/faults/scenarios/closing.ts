/** A collector that cuts connections while it is being sent to, or before it answers. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('closes mid-request, and before it answers', async s => {
  const app = await s.startApp()
  let cut = 0
  let unanswered = 0
  s.collector.cut = () => ++cut % 3 === 2
  s.collector.behave = (response, arrival) => {
    if (arrival.spans.length > 0 && ++unanswered % 3 === 0) response.socket?.destroy()
    else accept(response, arrival)
  }
  await s.send(app, 15, { path: '/large/2000' })
  s.collector.cut = () => false
  s.collector.behave = accept
  await s.send(app, 2)
  await s.checkAllArrived(app)
  s.check('connections were cut in both ways', cut >= 3 && unanswered >= 3, { cut, unanswered })
  return await s.observed(app)
})
