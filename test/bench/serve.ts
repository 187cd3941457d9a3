/**
 * The process that is measured: `node serve.ts SERVER WORKLOAD REPORT`. It tells its parent where it listens, does what the
 * parent says (`use`, `stop`), and writes its figures to the file REPORT when it ends.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setImmediate as setImmediatePromise, setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { BenchServer, SpanAccount } from './servers/bench-server.ts'
import type { ServerFigures, ServerUse } from './server-process.ts'
import { workloadNamed } from './workloads/workloads.ts'

/** Milliseconds after which a process that has been told to stop ends, whatever holds it. */
const STOPPED_MS = 10_000
/** Milliseconds that connections of the load may stay open. */
const LOAD_GONE_MS = 2_000

const [server = '', workloadName = '', report = ''] = process.argv.slice(2)
const { default: bench } = await import(`./servers/${server}.ts`) as { default: BenchServer }
// After the set-up: an instrumentation can only patch what is not loaded yet.
const { default: fastify } = await import('fastify')
const workload = workloadNamed(workloadName)

const app = fastify({ logger: workload.logger })
let requests = 0
app.server.on('request', () => { requests++ })
const registering = performance.now()
await bench.register?.(app)
workload.routes(app)
await app.ready()
const ready = performance.now()
await app.listen({ port: 0, host: '127.0.0.1' })

let account: SpanAccount | undefined
let stopping = false

process.on('message', message => {
  if (message === 'stop') void stop()
  else process.send?.(useSoFar())
})
process.send?.({ port: (app.server.address() as AddressInfo).port })

// Whoever started it is gone.
process.on('disconnect', () => { if (!stopping) process.exit(1) })

async function stop (): Promise<void> {
  stopping = true
  setTimeout(() => process.exit(1), STOPPED_MS).unref()
  // Fastify refuses what it reads while it closes, before any hook runs: what the load left behind comes first.
  for (let waited = 0; waited < LOAD_GONE_MS && await connections() > 0; waited += 10) await setTimeoutPromise(10)
  // Node takes a connection off that count at once when it destroys it, and tells its response, which ends the span, in the
  // last phase of the event loop's turn, behind `setImmediate`: the second one is sure to come after that.
  for (let turn = 0; turn < 2; turn++) await setImmediatePromise()
  await app.close()
  await bench.close?.()
  account = bench.account?.(app)
  // Without its parent the process has nothing left to do, and ends as one does that nobody stops.
  process.disconnect?.()
}

function useSoFar (): ServerUse {
  const { user, system } = process.cpuUsage()
  return { requests, cpuMicroseconds: user + system }
}

async function connections (): Promise<number> {
  return await promisify(app.server.getConnections.bind(app.server))()
}

process.on('exit', () => {
  const figures: ServerFigures = {
    requests,
    peakMemoryBytes: peakMemoryBytes(),
    registerMs: ready - registering,
    startMs: ready,
    account
  }
  writeFileSync(report, JSON.stringify(figures))
})

/** The most that was resident at any time, as Linux knows it; elsewhere as `getrusage` does. */
function peakMemoryBytes (): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}
