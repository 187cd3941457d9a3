import { createHistogram } from 'node:perf_hooks'
import { Connection, prepare } from './connection.ts'
import { CONNECTIONS, type LoadOptions, type LoadResult } from './load.ts'

/** Milliseconds to wait for the last answers. */
const LAST_ANSWERS_MS = 2_000

/**
 * Sends requests evenly spaced at a rate that does not depend on the answers. Latency counts from the moment when a
 * request was due, also where it had to wait for a connection: a server that stalls cannot hide it. Of requests that were
 * due and found no connection until the end, their wait counts.
 *
 * Without a rate every connection sends its next request when the last one is answered.
 */
export async function loadPaced ({ url, requests, seconds, rate }: LoadOptions & { rate?: number }): Promise<LoadResult> {
  const { port, host } = new URL(url)
  const prepared = requests.map(request => prepare(request, host))
  const histogram = createHistogram()
  const idle: Connection[] = []
  let sent = 0
  let answered = 0
  let wrong = 0
  const record = (milliseconds: number): void => { histogram.record(Math.max(1, Math.round(milliseconds * 1e6))) }
  const dispatch = (connection: Connection, dueAt: number): void => {
    connection.dueAt = dueAt
    connection.send(prepared[sent++ % prepared.length]!)
  }
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, async () =>
    await Connection.open(Number(port), (connection, isWrong) => {
      const now = performance.now()
      record(now - connection.dueAt)
      answered++
      if (isWrong) wrong++
      if (rate === undefined && now < end) dispatch(connection, now)
      else idle.push(connection)
    })))

  const start = performance.now()
  const end = start + seconds * 1_000
  if (rate === undefined) for (const connection of connections) dispatch(connection, start)
  else idle.push(...connections)
  const interval = rate === undefined ? Infinity : 1_000 / rate
  await new Promise<void>(resolve => {
    let isOver = false
    const tick = (): void => {
      const now = performance.now()
      if (!isOver) {
        isOver = now >= end
        let dueAt = start + sent * interval
        for (; dueAt <= Math.min(now, end) && idle.length > 0; dueAt += interval) dispatch(idle.pop()!, dueAt)
        if (isOver) for (; dueAt <= end; dueAt += interval) record(now - dueAt)
      }
      if (isOver && (idle.length === CONNECTIONS || now > end + LAST_ANSWERS_MS)) resolve()
      else setImmediate(tick)
    }
    tick()
  })
  for (const connection of connections) connection.close()
  const elapsed = (Math.min(performance.now(), end) - start) / 1_000
  return {
    requestsPerSecond: answered / elapsed,
    p50: histogram.percentile(50) / 1e6,
    p99: histogram.percentile(99) / 1e6,
    wrong: wrong + sent - answered
  }
}
