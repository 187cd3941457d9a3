/**
 * What the store's writer costs the process that writes: `node store-writer.ts [URL]` writes metric rows at a steady pace, then as fast
 * as they are taken, then payloads of 2 MB, into chDB in memory or a ClickHouse server, and prints figures of each.
 * A pause is the longest that one turn of the event loop held the thread, as CPU time of the thread: time that the
 * machine gave to others is in `wallMs` alone.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openStore } from '../../lib/store/open-store.ts'
import { callRow, payloadRow, runRow } from '../store/sample-rows.ts'

const PACED_ROWS = 25_000
const PACED_SECONDS = 8
const EVERY_MS = 5
const MOST_A_TURN = 200
const FAST_ROWS = 200_000
const PAYLOADS = 20
const PAYLOAD_CHARACTERS = 2_000_000

const [url] = process.argv.slice(2)
const store = await openStore({
  ...(url === undefined ? { path: ':memory:' } : { url, password: process.env['CLICKHOUSE_PASSWORD'] ?? '' }),
  maxRows: 400_000,
  maxBytes: 512 * 1024 * 1024,
  shutdownTimeoutMs: 30_000,
  onProblem: problem => { console.error(problem) }
})

interface Pauses {
  readonly cpuMs: number
  readonly p99CpuMs: number
  readonly wallMs: number
}

/** Watches turns of the event loop until it is asked. */
function watchPauses (): () => Pauses {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const turns: number[] = []
  let before = process.threadCpuUsage()
  const look = (): void => {
    const now = process.threadCpuUsage()
    turns.push((now.user + now.system - before.user - before.system) / 1e3)
    before = now
  }
  const timer = setInterval(look, 1)
  delay.enable()
  return () => {
    clearInterval(timer)
    delay.disable()
    turns.sort((a, b) => a - b)
    return { cpuMs: round(turns.at(-1) ?? 0), p99CpuMs: round(turns[Math.floor(turns.length * 0.99)] ?? 0), wallMs: round(delay.max / 1e6) }
  }
}

function round (value: number): number {
  return Math.round(value * 100) / 100
}

async function measure (name: string, rows: number, work: () => Promise<void>): Promise<void> {
  const written = store.stats().written
  // What the measurement before has left to do in its own turn is not this one's.
  await new Promise(resolve => { setImmediate(resolve) })
  const pauses = watchPauses()
  const cpu = process.threadCpuUsage()
  const start = performance.now()
  await work()
  await store.rows.flush()
  const seconds = (performance.now() - start) / 1e3
  const used = process.threadCpuUsage(cpu)
  console.log(JSON.stringify({
    name,
    rows,
    seconds: round(seconds),
    rowsPerSecond: Math.round(rows / seconds),
    cpuMicrosecondsPerRow: round((used.user + used.system) / rows),
    pause: pauses(),
    written: store.stats().written - written,
    dropped: store.stats().dropped
  }))
}

async function paced (write: (index: number) => void): Promise<void> {
  const start = performance.now()
  for (let index = 0; index < PACED_ROWS * PACED_SECONDS;) {
    // Where the machine was away for long, what is due is caught up little by little, as requests would bring it.
    const due = Math.min((performance.now() - start) / 1e3 * PACED_ROWS, PACED_ROWS * PACED_SECONDS, index + MOST_A_TURN)
    while (index < due) write(index++)
    await new Promise(resolve => { setTimeout(resolve, EVERY_MS) })
  }
}

async function fast (name: string, rows: number): Promise<void> {
  for (let index = 0; index < rows;) {
    for (let row = 0; row < 100; row++) store.rows.write('run_metrics', runRow({ id: `run-${name}-${index++}` }))
    await new Promise(resolve => { setImmediate(resolve) })
    while (store.stats().waiting > 100_000) await new Promise(resolve => { setTimeout(resolve, 1) })
  }
}

// The first rows make the code hot and the engine's threads start.
await measure('warm-up', 20_000, async () => { await fast('warm', 20_000) })

await measure(`run_metrics, ${PACED_ROWS} rows a second for ${PACED_SECONDS} s`, PACED_ROWS * PACED_SECONDS, async () => {
  await paced(index => { store.rows.write('run_metrics', runRow({ id: `run-paced-${index}` })) })
})

await measure('run_metrics, as fast as they are taken', FAST_ROWS, async () => { await fast('fast', FAST_ROWS) })

const text = JSON.stringify({ messages: Array.from({ length: PAYLOAD_CHARACTERS / 50 }, (_, index) => `line ${index} "quoted" é`) }).slice(0, PAYLOAD_CHARACTERS)
await measure('provider_trace_payloads, 2 MB each', PAYLOADS, async () => {
  for (let index = 0; index < PAYLOADS; index++) {
    const call = callRow({ id: `provider_trace-${index}` })
    store.rows.write('provider_traces', call)
    store.rows.write('provider_trace_payloads', payloadRow({ id: call.id, request_json: text, response_json: '{}' }))
    await new Promise(resolve => { setTimeout(resolve, 50) })
  }
})
await store.close()
