/** A collector that takes small requests only, and SIGKILL while one is sent in parts: those that it acknowledged do not come again. */
import { accept, type Arrival } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'
import { spansOnDisk } from '../harness/spans-on-disk.ts'

const TAKEN_BYTES_MAX = 16 * 1024
/** Long enough for what was recorded last to be on the disk. */
const BATCHING_MS = 2_500

await scenario('answers 413 to more than 16 KiB, SIGKILL between two parts, then a restart', async s => {
  const isTooLarge = ({ spans, bytes }: Arrival): boolean => spans.length > 0 && bytes > TAKEN_BYTES_MAX
  let acknowledged = 0
  for (const part of [2, 4]) {
    const app = await s.startApp()
    await s.collector.goAway()
    await s.send(app, 3, { rate: 400 })
    await new Promise(resolve => setTimeout(resolve, BATCHING_MS))
    const spooled = await spansOnDisk(s.directory)
    s.check(`part ${part}: everything is on the disk`, s.missing.every(({ spanId }) => spooled.includes(spanId)), s.missing.length)

    const between = Promise.withResolvers<void>()
    let parts = 0
    s.collector.behave = (response, arrival) => {
      if (isTooLarge(arrival)) response.writeHead(413).end()
      // Whoever sends this one knows that those before it were acknowledged.
      else if (arrival.spans.length > 0 && ++parts === part) between.resolve()
      else accept(response, arrival)
    }
    await s.collector.comeBack()
    await between.promise
    await app.end('SIGKILL')
    acknowledged += spooled.length - s.missing.length

    s.collector.behave = (response, arrival) => {
      if (isTooLarge(arrival)) response.writeHead(413).end()
      else accept(response, arrival)
    }
    const next = await s.startApp()
    s.check(`part ${part}: the next process brings the others`, await s.drained(30), s.missing.length)
    // The collector knows that it acknowledged before the application does.
    await next.flush()
    s.equal(`part ${part}: the disk is clear`, (await spansOnDisk(s.directory)).length, 0)
    await next.end('SIGTERM')
  }
  s.checkUndisturbed()
  s.check('parts were acknowledged before the kill', acknowledged > 0, acknowledged)
  s.checkOnce()
  return await s.observed(undefined, `${acknowledged} were acknowledged in parts before the kills`)
})
