/**
 * `kill -9` of the collector, again and again, under load from an application: what was acknowledged is in the collector's
 * queue, what was not is in the application's spool, and all of it arrives.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ConfigurationName } from '../../../../lib/collector/configurations.ts'
import { App } from '../../../faults/harness/app.ts'
import { Load } from '../../../faults/harness/load.ts'
import { clickhouse } from '../harness/clickhouse.ts'
import { GrpcSink } from '../harness/grpc-sink.ts'
import { spansOf } from '../harness/otlp-contents.ts'
import { proof, type Proof } from '../harness/proof.ts'

const RATE = 500
const SECONDS = 20
/** Milliseconds after the start of the load at which it is killed, and milliseconds that it is away. */
const KILLS = [[3_000, 200], [6_000, 1_500], [9_000, 3_000], [15_000, 500]] as const
/** A batch that was on its way when the collector died waits for the collector's first attempt to fail, and then for another. */
const ARRIVAL_SECONDS = 40

interface Destination {
  readonly configuration: ConfigurationName
  readonly env?: Readonly<Record<string, string>>
  /** The ids of all spans that arrived; one that came twice is there twice. */
  received (): Promise<string[]>
  /** Does not take anything for a while. */
  pause? (isAway: boolean): void
}

await proof('a collector that is killed', async p => {
  for (const destination of [await signoz(p), await store(p), files(p)]) await killed(p, destination)
})

async function killed (p: Proof, { configuration, env = {}, received, pause: away }: Destination): Promise<void> {
  const lettaDirectory = join(p.directory, configuration)
  const collector = await p.collector({ configuration, env: { LETTA_OTELCOL_FLUSH: '500ms', ...env }, lettaDirectory })
  const app = await App.start({ endpoint: collector.url, lettaDirectory: join(lettaDirectory, 'app') })
  const load = new Load()
  p.teardown(async () => {
    await load[Symbol.asyncDispose]()
    await app[Symbol.asyncDispose]()
  })
  let queued = 0
  const start = performance.now()
  const loading = load.run({ url: `${app.url}/work`, rate: RATE, milliseconds: SECONDS * 1_000 })
  for (const [at, milliseconds] of KILLS) {
    away?.(true)
    await pause(at - (performance.now() - start))
    queued = Math.max(queued, await collector.sum('otelcol_exporter_queue_size'))
    await collector.stop('SIGKILL')
    await pause(milliseconds)
    away?.(false)
    await collector.start()
  }
  if (away !== undefined) p.check(`${configuration}: there was something in the queue when it was killed`, queued > 0)
  const { failed } = await loading
  p.equal(`${configuration}: no request of the application failed`, failed, {})
  const answered = load.answered.map(({ spanId }) => spanId)
  const missing = async (): Promise<string[]> => {
    const arrived = new Set(await received())
    return answered.filter(id => !arrived.has(id))
  }
  await p.until(async () => (await missing()).length === 0, ARRIVAL_SECONDS)
  p.equal(`${configuration}: no span is missing after ${KILLS.length} kills, of ${answered.length}`, (await missing()).length, 0)
  p.equal(`${configuration}: the application dropped none`, (await app.stats()).spans.failed, 0)
  const all = await received()
  console.log(`# ${configuration}: ${all.length - new Set(all).size} of ${answered.length} spans came twice`)
  await app.end('SIGTERM')
  await collector.stop()
}

async function signoz (p: Proof): Promise<Destination> {
  const sink = await GrpcSink.start()
  p.teardown(async () => { await sink.close() })
  return {
    configuration: 'signoz',
    env: { SIGNOZ_ENDPOINT: sink.address, SIGNOZ_INGESTION_KEY: 'key', SIGNOZ_INSECURE: 'true' },
    received: async () => spansOf(sink.received.traces).map(({ spanId }) => spanId),
    pause: isAway => { sink.isAvailable = !isAway }
  }
}

async function store (p: Proof): Promise<Destination> {
  const { open, env } = await clickhouse(p)
  const { engine } = await open('otel')
  return {
    configuration: 'clickhouse',
    env: env('otel'),
    received: async () => (await engine.query<{ id: string }>('SELECT SpanId AS id FROM otel_traces')).map(({ id }) => id)
  }
}

function files (p: Proof): Destination {
  const file = join(p.directory, 'file', 'logs', 'traces.json')
  return {
    configuration: 'file',
    received: async () => existsSync(file) ? spansOf(linesOf(file)).map(({ spanId }) => spanId) : []
  }
}

/**
 * The last line of a process that was killed may be half a line, and the next process writes behind it: docs/collector.md says
 * so, and that the request behind is whole. Read line by line, an acknowledged span would be missing now and then. What is no
 * request otherwise is a fault.
 */
function linesOf (file: string): any[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    const parts = line.split(/(?<=.)(?=\{"resourceSpans")/)
    return parts.flatMap((part, position) => {
      // What is still being written, or was when the process died, has no end.
      const mayBeTorn = position < parts.length - 1 || index === lines.length - 1
      return mayBeTorn ? parsedIfWhole(part) : [JSON.parse(part)]
    })
  })
}

function parsedIfWhole (text: string): any[] {
  try {
    return [JSON.parse(text)]
  } catch {
    return []
  }
}
