/**
 * How many spans a second `letta-otel dev` takes: two client processes send small requests of protobuf, each as fast as it is
 * answered, to a backend in a process of its own. Told of each run: spans a second that are in the table at the end, processor time of
 * the backend, its memory, and how long a span takes until it is found.
 *
 * node test/bench/backend-ingest.ts [seconds] [spans a request]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadReadOtlpJson } from '../../lib/export/read-otlp-json.ts'
import { cpuSecondsOf, memoryOf, startBackend } from './backend-process.ts'

const CLIENTS = 2

/** A request as an application's exporter sends it: server spans with the usual attributes, each different in path and id. */
function requestJson (spans: number, first: number): string {
  const now = BigInt(Date.now()) * 1_000_000n
  const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } })
  return JSON.stringify({
    resourceSpans: [{
      resource: { attributes: [text('service.name', 'bench'), text('service.version', '1.0.0'), text('host.name', 'bench-host'), { key: 'process.pid', value: { intValue: 4_711 } }] },
      scopeSpans: [{
        scope: { name: 'letta-otel', version: '0.1.0' },
        spans: Array.from({ length: spans }, (_, index) => ({
          traceId: (first + index + 1).toString(16).padStart(32, '0'),
          spanId: (first + index + 1).toString(16).padStart(16, '0'),
          name: 'GET /v1/agents/:agent_id',
          kind: 2,
          startTimeUnixNano: String(now + BigInt(index)),
          endTimeUnixNano: String(now + BigInt(index) + 12_345_678n),
          attributes: [
            text('http.request.method', 'GET'), text('url.path', `/v1/agents/agent-${first + index}`), text('url.scheme', 'http'), text('http.route', '/v1/agents/:agent_id'),
            { key: 'http.response.status_code', value: { intValue: 200 } }, text('server.address', '127.0.0.1'), { key: 'server.port', value: { intValue: 8283 } },
            text('user_agent.original', 'bench/1.0')
          ]
        }))
      }]
    }]
  })
}

async function client (url: string, number: number, seconds: number, spans: number): Promise<void> {
  const readJson = await loadReadOtlpJson()
  // Made before the clock starts: the client must not take the processor from what is measured.
  const bodies = Array.from({ length: 200 }, (_, index) => readJson('traces', requestJson(spans, number * 10_000_000 + index * spans)))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { hostname, port } = new URL(url)
  const send = async (body: Uint8Array): Promise<number> => {
    const asked = httpRequest({ agent, hostname, port, path: '/v1/traces', method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length } })
    asked.end(body)
    const [response] = await once(asked, 'response')
    response.resume()
    await once(response, 'end')
    return response.statusCode
  }
  const counts = { accepted: 0, refused: 0 }
  const end = performance.now() + seconds * 1_000
  for (let index = 0; performance.now() < end; index++) {
    const status = await send(bodies[index % bodies.length]!)
    if (status === 200) counts.accepted += spans
    else {
      counts.refused += 1
      await new Promise(resolve => { setTimeout(resolve, 100) })
    }
  }
  process.send!(counts)
  agent.destroy()
}

async function main (seconds: number, spans: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'backend-ingest-'))
  const backend = await startBackend(directory)
  const { pid, url } = backend
  const stored = async (): Promise<number> => Number(await backend.query('SELECT count() FROM otel.otel_traces'))
  try {
    const before = { ...memoryOf(pid), cpuSeconds: cpuSecondsOf(pid) }
    const start = performance.now()
    const counts = await Promise.all(Array.from({ length: CLIENTS }, async (_, number) => {
      const worker = fork(fileURLToPath(import.meta.url), ['client', url, String(number), String(seconds), String(spans)])
      const [told] = await once(worker, 'message')
      return told as { accepted: number, refused: number }
    }))
    const accepted = counts.reduce((sum, count) => sum + count.accepted, 0)
    const behind = accepted - await stored()
    while (await stored() < accepted) await new Promise(resolve => { setTimeout(resolve, 20) })
    const elapsed = (performance.now() - start) / 1_000
    const after = { ...memoryOf(pid), cpuSeconds: cpuSecondsOf(pid) }
    const readJson = await loadReadOtlpJson()
    const waits: number[] = []
    for (let index = 0; index < 10; index++) {
      const sent = performance.now()
      await fetch(`${url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array(readJson('traces', requestJson(1, 900_000_000 + index))) })
      while (await stored() < accepted + index + 1) await new Promise(resolve => { setTimeout(resolve, 5) })
      waits.push(performance.now() - sent)
    }
    console.log(JSON.stringify({
      seconds: round(elapsed),
      spansPerRequest: spans,
      spans: accepted,
      refusedRequests: counts.reduce((sum, count) => sum + count.refused, 0),
      spansPerSecond: Math.round(accepted / elapsed),
      spansBehindAtTheEnd: behind,
      cpuMicrosecondsPerSpan: round((after.cpuSeconds - before.cpuSeconds) * 1e6 / accepted),
      residentMegabytesBefore: round(before.residentBytes / 1e6),
      residentMegabytes: round(after.residentBytes / 1e6),
      peakMegabytes: round(after.peakBytes / 1e6),
      visibleAfterMs: { median: round(waits.sort((a, b) => a - b)[5]!), worst: round(waits.at(-1)!) }
    }, null, 2))
  } finally {
    await backend.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

function round (value: number): number {
  return Math.round(value * 10) / 10
}

const [mode, ...words] = process.argv.slice(2)
if (mode === 'client') await client(words[0]!, Number(words[1]), Number(words[2]), Number(words[3]))
else await main(Number(mode ?? 20), Number(words[0] ?? 20))
