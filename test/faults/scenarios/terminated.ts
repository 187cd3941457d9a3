/** SIGTERM under load, with the collector there: everything that was answered has left when the process ends. */
import { scenario } from '../harness/scenario.ts'

const CLOSED_WITHIN_MS = 2_000

await scenario('SIGTERM under load', async s => {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    const app = await s.startApp()
    const load = s.send(app, 5, { rate: 400 })
    await new Promise(resolve => setTimeout(resolve, 4_000))
    const { milliseconds, code } = await app.end('SIGTERM')
    await load
    times.push(Math.round(milliseconds))
    s.equal('it ended by itself', code, 0)
    s.check(`within ${CLOSED_WITHIN_MS} ms`, milliseconds < CLOSED_WITHIN_MS, milliseconds)
    // Everything has left already: nothing is waited for here.
    s.equal('no span is missing', s.missing.length, 0)
  }
  s.checkOnce()
  return await s.observed(undefined, `closed in ${times.join(', ')} ms`)
})
