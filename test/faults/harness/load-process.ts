/** A process that sends requests at a fixed rate, whether or not earlier ones were answered. */
import { Agent, request } from 'node:http'
import type { Answered, LoadOrder, LoadResult } from './load.ts'

/** More than that at once, and the rest is not sent: the application is gone. */
const IN_FLIGHT_MAX = 2_000
const TICK_MS = 2

/** Where the application falls behind, a connection for each request would make it worse; the wait counts as latency. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

process.once('disconnect', () => { process.exit() })
process.on('message', (order: LoadOrder) => {
  void run(order).then(result => { process.send?.(result) })
})

async function run ({ url, rate, milliseconds }: LoadOrder): Promise<LoadResult> {
  const answered: Answered[] = []
  const failed: Record<string, number> = {}
  const fail = (reason: string): void => { failed[reason] = (failed[reason] ?? 0) + 1 }
  let sent = 0
  let inFlight = 0
  const start = performance.now()
  const { promise: done, resolve } = Promise.withResolvers<void>()
  const timer = setInterval(() => {
    const elapsed = performance.now() - start
    for (const due = Math.min(elapsed, milliseconds) * rate / 1_000; sent < due; sent++) {
      if (inFlight < IN_FLIGHT_MAX) send()
      else fail('too many at once')
    }
    if (elapsed >= milliseconds && inFlight === 0) resolve()
  }, TICK_MS)
  const send = (): void => {
    const before = performance.now()
    let settled = false
    const settle = (spanId?: string, reason = 'closed'): void => {
      if (settled) return
      settled = true
      inFlight--
      if (spanId === undefined) fail(reason)
      else answered.push({ spanId, at: Date.now(), latencyMs: performance.now() - before })
    }
    inFlight++
    const outgoing = request(url, { agent, timeout: 10_000 }, response => {
      const { statusCode, headers: { 'x-span-id': spanId } } = response
      response.resume()
        .on('end', () => { settle(statusCode === 200 && typeof spanId === 'string' ? spanId : undefined, `status ${statusCode}`) })
        .on('close', () => { settle() })
    })
    outgoing.on('timeout', () => { outgoing.destroy(Object.assign(new Error('no answer'), { code: 'timeout' })) }).on('error', ({ code }: NodeJS.ErrnoException) => { settle(undefined, code) }).end()
  }
  await done
  clearInterval(timer)
  return { answered, failed }
}
