/** A collector that takes a part of a request, and says how much it did not take. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

await scenario('takes all but 3 spans of each request (partial success)', async s => {
  const app = await s.startApp()
  let rejected = 0
  s.collector.behave = (response, arrival) => {
    if (arrival.spans.length <= 3) return accept(response, arrival)
    rejected += 3
    // ExportTraceServiceResponse { partial_success { rejected_spans: 3, error_message: "no" } }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(Buffer.from([0x0a, 6, 0x08, 3, 0x12, 2, 0x6e, 0x6f]))
  }
  await s.send(app, 8)
  await s.drained(10)
  await app.flush()
  s.checkOnce()
  s.check('some were rejected', rejected > 0)
  s.equal('nothing was sent a second time', s.collector.repeated, 0)
  const { exported, failed, dropped } = (await app.stats()).spans
  s.equal('the application counted what was rejected', [exported, failed, dropped.rejected], [s.collector.acknowledged.size - rejected, rejected, rejected])
  s.equal('and said so once', app.problems.filter(problem => problem.includes('took a part only')).length, 1)
  return await s.observed(app, 'of the acknowledged requests, the dropped spans were rejected')
})
