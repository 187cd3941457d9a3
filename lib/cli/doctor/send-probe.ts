import type { EndpointSettings } from '../../export/carrier.ts'
import { composeRequest } from '../../export/compose-request.ts'
import { HttpSender, type Attempt } from '../../export/http-sender.ts'
import type { SendOutcome } from '../../export/retry-policy.ts'
import type { RuntimeOptions } from '../../options.ts'
import { encodeResource } from '../../recorder/encode-resource.ts'
import { FastTracerProvider, type SpanChunk } from '../../recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../../recorder/span-limits.ts'
import { composeResource } from '../../runtime/resource.ts'

/** `service.name` of the probe. */
export const PROBE_SERVICE = 'letta-otel-doctor'
const SPAN_NAME = 'probe'

/** What became of the probe, and what to tell the clocks by. */
export interface Probe {
  readonly traceId: string
  readonly outcome: SendOutcome
  /** Nothing where the request was given up. */
  readonly attempt: Attempt | undefined
  /** Of this machine, milliseconds since the epoch: when the request began and when its answer was there. */
  readonly sentAt: number
  readonly answeredAt: number
  /** Files for TLS that cannot be read, a sentence each. */
  readonly problems: readonly string[]
}

/** Sends one span the way the plugin sends them all: the same encoding, headers, compression and TLS. Never rejects. */
export async function sendProbe (url: string, settings: EndpointSettings, runtime: RuntimeOptions, timeoutMs: number): Promise<Probe> {
  const { traceId, body } = encodeProbe(runtime)
  const problems: string[] = []
  let attempt: Attempt | undefined
  const patience = Math.min(settings.timeoutMs ?? Infinity, timeoutMs)
  const sender = new HttpSender({ ...settings, url, timeoutMs: patience }, problem => { problems.push(problem) }, met => { attempt = met })
  const sentAt = Date.now()
  try {
    // Sending keeps no process alive, which is right for an application: here somebody waits for the answer.
    const waiting = setTimeout(() => {}, patience)
    const outcome = await sender.send({ signal: 'traces', body }).finally(() => { clearTimeout(waiting) })
    return { traceId, outcome, attempt, sentAt, answeredAt: Date.now(), problems }
  } finally {
    await sender.close()
  }
}

function encodeProbe (runtime: RuntimeOptions): { traceId: string, body: Uint8Array } {
  const chunks: SpanChunk[] = []
  const provider = new FastTracerProvider({
    sampler: undefined, limits: DEFAULT_SPAN_LIMITS, maxAgeMs: 1_000, sink: { take: chunk => { chunks.push(chunk) } }
  })
  const span = provider.getTracer(PROBE_SERVICE).startSpan(SPAN_NAME, { root: true })
  span.end()
  provider.handOver()
  const resource = encodeResource(composeResource(runtime).attributes)
  return { traceId: span.spanContext().traceId, body: composeRequest(resource, chunks.map(({ scope, spans }) => ({ scope, items: spans }))) }
}
