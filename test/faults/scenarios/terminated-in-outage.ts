/** SIGTERM under load while the collector is away or hangs: what is waiting is on the disk, and the next process brings it. */
import { accept } from '../harness/collector.ts'
import { scenario } from '../harness/scenario.ts'

/** `shutdownTimeoutMs`, by default. */
const CLOSED_WITHIN_MS = 2_000

await scenario('SIGTERM under load, collector away, then hanging', async s => {
  const times: number[] = []
  for (const fault of ['away', 'hanging'] as const) {
    const app = await s.startApp()
    const load = s.send(app, 6, { rate: 400 })
    await new Promise(resolve => setTimeout(resolve, 2_000))
    if (fault === 'away') await s.collector.goAway()
    else s.collector.behave = () => {}
    await new Promise(resolve => setTimeout(resolve, 3_000))
    const { milliseconds, code } = await app.end('SIGTERM')
    await load
    times.push(Math.round(milliseconds))
    s.equal(`${fault}: it ended by itself`, code, 0)
    s.check(`${fault}: within ${CLOSED_WITHIN_MS} ms`, milliseconds < CLOSED_WITHIN_MS, milliseconds)
    s.check(`${fault}: spans wait`, s.missing.length > 0)
    if (fault === 'away') await s.collector.comeBack()
    else s.collector.behave = accept
    const next = await s.startApp()
    s.check(`${fault}: the next process brings all of them`, await s.drained(30), s.missing.length)
    await next.end('SIGTERM')
  }
  s.checkOnce()
  return await s.observed(undefined, `closed in ${times.join(', ')} ms`)
})
