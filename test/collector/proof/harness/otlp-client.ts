import { randomBytes } from 'node:crypto'
import { encode, type MessageName } from '../../../export/otlp-messages.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface SpanFacts {
  readonly traceId: Buffer
  readonly spanId?: Buffer
  readonly parentSpanId?: Buffer
  readonly name?: string
  readonly kind?: number
  /** Milliseconds since 1970. */
  readonly start?: number
  readonly durationMs?: number
  readonly attributes?: Attributes
  readonly isError?: boolean
}

const REQUESTS = { traces: 'TracesRequest', metrics: 'MetricsRequest', logs: 'LogsRequest' } as const satisfies Record<string, MessageName>
const STATUS_ERROR = 2
const KIND_SERVER = 2
const SCOPE = { name: 'proof' }

export const newTraceId = (): Buffer => randomBytes(16)
export const newSpanId = (): Buffer => randomBytes(8)

/** @returns the status of the answer; 0 where there was none */
export async function post (url: string, signal: keyof typeof REQUESTS, message: Record<string, unknown>): Promise<number> {
  return await fetch(`${url}/v1/${signal}`, {
    method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: encode(REQUESTS[signal], message) as Uint8Array<ArrayBuffer>
  }).then(async response => {
    await response.arrayBuffer()
    return response.status
  }, () => 0)
}

export function tracesMessage (service: string, spans: readonly SpanFacts[]): Record<string, unknown> {
  return { resourceSpans: [{ resource: resource(service), scopeSpans: [{ scope: SCOPE, spans: spans.map(spanMessage) }] }] }
}

export function resource (service: string, more: Attributes = {}): { attributes: object[] } {
  return { attributes: attributeList({ 'service.name': service, ...more }) }
}

export function attributeList (attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue (value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value }
  return typeof value === 'boolean' ? { boolValue: value } : { intValue: value }
}

export function nanoseconds (milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1e6 / 1_000)) * 1_000n)
}

function spanMessage ({
  traceId, spanId = newSpanId(), parentSpanId, name = 'GET /work', kind = KIND_SERVER, start = Date.now(), durationMs = 5, attributes = {}, isError = false
}: SpanFacts): object {
  return {
    traceId,
    spanId,
    ...parentSpanId === undefined ? {} : { parentSpanId },
    name,
    kind,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(start + durationMs),
    attributes: attributeList(attributes),
    ...isError ? { status: { code: STATUS_ERROR } } : {}
  }
}
