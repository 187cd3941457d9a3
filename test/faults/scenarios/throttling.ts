/** A collector that asks for patience with 429 and Retry-After. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

const RETRY_AFTER_S = 4

await scenario(`answers 429 with Retry-After: ${RETRY_AFTER_S}, three times`, async s => {
  const app = await s.startApp()
  await s.send(app, 2)
  const refused: number[] = []
  s.collector.behave = (response, arrival) => {
    if (arrival.spans.length === 0 || refused.length === 3) return accept(response, arrival)
    refused.push(arrival.at)
    response.writeHead(429, { 'retry-after': String(RETRY_AFTER_S) }).end()
  }
  await s.send(app, 3 * RETRY_AFTER_S + 3)
  await s.checkAllArrived(app)
  const pauses = refused.map(at => (s.collector.arrivals.find(arrival => arrival.at > at)?.at ?? Infinity) - at)
  s.equal('it refused three times', refused.length, 3)
  s.check('nothing came sooner than it asked for', pauses.every(pause => pause >= RETRY_AFTER_S * 1_000 - 5), pauses)
  s.check('and it came soon after', pauses.every(pause => pause < RETRY_AFTER_S * 1_000 + 1_000), pauses)
  return await s.observed(app, `paused ${pauses.map(pause => (pause / 1_000).toFixed(2)).join(', ')} s`)
})
