/** What a collector costs at 5,000 spans a second. The figures that it prints are those of docs/collector.md. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ConfigurationName } from '../../../../lib/collector/configurations.ts'
import { encode } from '../../../export/otlp-messages.ts'
import { clickhouse, countOf } from '../harness/clickhouse.ts'
import type { CollectorProcess } from '../harness/collector-process.ts'
import { GrpcSink } from '../harness/grpc-sink.ts'
import { newSpanId, newTraceId, tracesMessage } from '../harness/otlp-client.ts'
import { proof, type Proof } from '../harness/proof.ts'

const SPANS_A_SECOND = 5_000
const SPANS_A_REQUEST = 500
const SPANS_A_TRACE = 10
const SECONDS = 15
const MEMORY_LIMIT = 1_024 * 1_024 * 1_024
const MEBIBYTE = 1_024 * 1_024
/** As a server span of the plugin has them. */
const ATTRIBUTES = {
  'http.request.method': 'POST', 'http.route': '/v1/agents/:agent_id/messages', 'http.response.status_code': 200, 'url.path': '/v1/agents/agent-880fef9a-c0cd-478e-a2a8-82b4b543cd52/messages', 'url.scheme': 'http', 'server.address': '127.0.0.1', 'server.port': 8283, 'client.address': '127.0.0.1', 'network.protocol.version': '1.1', 'network.peer.address': '127.0.0.1', 'network.peer.port': 48_598, 'user_agent.original': 'node', 'organization.id': 'org-1', 'agent.id': 'agent-880fef9a-c0cd-478e-a2a8-82b4b543cd52'
}
/** Stands for the id of a trace in a request that is encoded once. */
const PLACEHOLDER = Buffer.alloc(16, 0xfa)

const TEMPLATE = template()
const POSITIONS = positionsOf(TEMPLATE, PLACEHOLDER)

await proof('5,000 spans a second', async p => {
  console.log(`# ${Math.round(TEMPLATE.length / SPANS_A_REQUEST)} bytes a span`)
  const sink = await GrpcSink.start({ countsOnly: true })
  p.teardown(async () => { await sink.close() })
  const { open, env } = await clickhouse(p)
  const [store, sampled] = [await open('otel'), await open('sampled')]
  const start = async (configuration: ConfigurationName, env: Readonly<Record<string, string>> = {}): Promise<CollectorProcess> =>
    await p.collector({ configuration, env, lettaDirectory: join(p.directory, configuration) })
  const inserts = ({ LETTA_OTELCOL_FLUSH: _, ...rest }: Record<string, string>): Record<string, string> => rest

  const file = await start('file')
  await measure(p, { file }, async () => await file.sum('otelcol_exporter_sent_spans'))
  const signoz = await start('signoz', { SIGNOZ_ENDPOINT: sink.address, SIGNOZ_INGESTION_KEY: 'key', SIGNOZ_INSECURE: 'true' })
  await measure(p, { signoz }, async () => sink.spans)
  await measure(p, { clickhouse: await start('clickhouse', inserts(env('otel'))) }, async () => await countOf(store, 'otel_traces'))

  const sampling = await start('gateway-sampling', inserts(env('sampled')))
  const edge = await start('gateway-edge', { LETTA_OTELCOL_SAMPLERS: `127.0.0.1:${sampling.port('GRPC')}` })
  await measure(p, { 'gateway-edge': edge, 'gateway-sampling': sampling },
    async () => SPANS_A_TRACE * await sampling.sum('otelcol_processor_tail_sampling_global_count_traces_sampled'))
  const kept = await countOf(sampled, 'otel_traces')
  p.check(`of them a part is kept: ${kept}`, kept > 0 && kept < SECONDS * SPANS_A_SECOND)
})

/** @param collectors of which the first is sent to, by their configuration */
async function measure (p: Proof, collectors: Readonly<Record<string, CollectorProcess>>, arrived: () => Promise<number>): Promise<void> {
  const [[name, first]] = Object.entries(collectors) as [[string, CollectorProcess]]
  const begun = new Map(Object.values(collectors).map(collector => [collector, collector.processorSeconds()]))
  const sent = await send(first, SECONDS)
  const loads = Object.entries(collectors).map(([name, collector]) => [name, collector, (collector.processorSeconds() - Number(begun.get(collector))) / SECONDS] as const)
  p.equal(`${name} takes ${SPANS_A_SECOND} spans a second`, sent, SECONDS * SPANS_A_SECOND)
  await p.until(async () => await arrived() === sent, 60)
  p.equal(`${name}: all of them get where they belong`, await arrived(), sent)
  for (const [name, collector, load] of loads) {
    const { peak } = collector.memory()
    p.check(`${name} stays within its memory`, peak < MEMORY_LIMIT)
    console.log(`# ${name}: ${(load * 100).toFixed(0)} % of a processor, ${Math.round(peak / MEBIBYTE)} MiB at most`)
    await collector.stop()
  }
}

/** @returns spans that were acknowledged */
async function send (collector: CollectorProcess, seconds: number): Promise<number> {
  let acknowledged = 0
  const start = performance.now()
  const underWay = new Set<Promise<void>>()
  for (let request = 0; request < seconds * SPANS_A_SECOND / SPANS_A_REQUEST; request++) {
    await pause(Math.max(0, start + request * 1_000 * SPANS_A_REQUEST / SPANS_A_SECOND - performance.now()))
    const sending = fetch(`${collector.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: someRequest() })
      .then(async response => {
        await response.arrayBuffer()
        if (response.status === 200) acknowledged += SPANS_A_REQUEST
      }).finally(() => { underWay.delete(sending) })
    underWay.add(sending)
  }
  await Promise.all(underWay)
  return acknowledged
}

/** Encoding so many spans would be what is measured: of a request that was encoded once, only the ids change. */
function someRequest (): Uint8Array<ArrayBuffer> {
  const request = Uint8Array.from(TEMPLATE)
  let traceId = newTraceId()
  for (const [index, position] of POSITIONS.entries()) {
    if (index % SPANS_A_TRACE === 0) traceId = newTraceId()
    request.set(traceId, position)
  }
  return request
}

function template (): Buffer {
  const parentSpanId = newSpanId()
  const spans = Array.from({ length: SPANS_A_REQUEST }, (_, index) => {
    const isRoot = index % SPANS_A_TRACE === SPANS_A_TRACE - 1
    return { traceId: PLACEHOLDER, attributes: ATTRIBUTES, ...isRoot ? {} : { parentSpanId } }
  })
  return Buffer.from(encode('TracesRequest', tracesMessage('proof', spans)))
}

function positionsOf (bytes: Buffer, wanted: Buffer): number[] {
  const positions: number[] = []
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + wanted.length)) positions.push(at)
  return positions
}
