/** A collector that will not take some requests: they are dropped and counted, and hold up nothing. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('answers 400 to every second request', async s => {
  const app = await s.startApp()
  const refused = new Set<string>()
  let requests = 0
  s.collector.behave = (response, arrival) => {
    if (arrival.spans.length === 0 || ++requests % 2 === 1) return accept(response, arrival)
    for (const { id } of arrival.spans) refused.add(id)
    response.writeHead(400).end()
  }
  await s.send(app, 10)
  await s.collector.until(() => s.missing.length === refused.size, 10_000)
  await app.flush()
  s.checkOnce()
  s.check('some were refused, some were not', refused.size > 0 && s.collector.acknowledged.size > 0)
  s.check('missing is what was refused', s.missing.every(({ spanId }) => refused.has(spanId)))
  s.equal('nothing was sent a second time', s.collector.repeated, 0)
  const { exported, failed, dropped } = (await app.stats()).spans
  s.equal('the application counted what was refused', [exported, failed, dropped.rejected], [s.collector.acknowledged.size, refused.size, refused.size])
  s.equal('and said so once', app.problems.filter(problem => problem.includes('answered 400')).length, 1)
  return await s.observed(app)
})
