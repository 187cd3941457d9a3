import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { countJsonSpans, countLogRecords, countSpans, type Counted } from './count-otlp.ts'
import { decodeMsgpack } from './decode-msgpack.ts'

export interface Arrivals {
  spans: number
  /** Spans without a parent. */
  roots: number
  /** Of the requests that brought spans, as they were sent. */
  spanBytes: number
  logRecords: number
  /** Requests that brought metrics. */
  metricRequests: number
}

/** A request as it arrived, not compressed any more. */
export interface ArrivedRequest {
  readonly path: string
  readonly type: string
  readonly body: Buffer
}

interface SentRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly sent: Buffer
}

/** How long a connection may stay open after its process has ended. */
const SETTLE_MS = 2_000

/** Bytes that may wait to be counted. */
const PENDING_BYTES = 512 * 1024 * 1024

/**
 * A live destination for every case: an OTLP/HTTP receiver and a Datadog agent in one. It counts what arrived when it is
 * asked, not while the load that shares its core is running, whose latency that would be.
 */
export class Sink {
  readonly #server: Server
  readonly #keep: boolean
  #arrivals = noArrivals()
  #pending: SentRequest[] = []
  #pendingBytes = 0
  /** Every request that was counted, where they are kept. */
  readonly kept: ArrivedRequest[] = []

  private constructor (keep: boolean) {
    this.#keep = keep
    this.#server = createServer((request, response) => {
      // Where its sender goes away in the middle, nothing has arrived.
      this.#receive(request, response).catch(() => { response.destroy() })
    })
    // A sender that stands still while another one is measured finds its connection as it left it.
    this.#server.keepAliveTimeout = 0
  }

  /** `keep`: whether to keep the requests, for tests. */
  static async listen ({ keep = false } = {}): Promise<Sink> {
    const sink = new Sink(keep)
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server, 'listening')
    return sink
  }

  get url (): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What arrived since it was last asked, once the connections of a process that has ended are closed. */
  async takeArrivals (): Promise<Arrivals> {
    const deadline = performance.now() + SETTLE_MS
    while (await this.#connections() > 0 && performance.now() < deadline) await new Promise(resolve => { setTimeout(resolve, 10) })
    this.#countPending()
    const arrivals = this.#arrivals
    this.#arrivals = noArrivals()
    return arrivals
  }

  async close (): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #connections (): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    this.#server.getConnections((error, count) => { resolve(error === null ? count : 0) })
    return await promise
  }

  async #receive (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    await once(request, 'end')
    const { url: path = '', headers } = request
    const sent = Buffer.concat(chunks)
    this.#pending.push({ path, headers, sent })
    this.#pendingBytes += sent.length
    const type = headers['content-type'] ?? ''
    response.setHeader('content-type', type.includes('protobuf') ? type : 'application/json')
    response.end(type.includes('protobuf') ? '' : agentAnswer(path))
    if (this.#pendingBytes > PENDING_BYTES) this.#countPending()
  }

  #countPending (): void {
    for (const { path, headers, sent } of this.#pending) {
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      const type = headers['content-type'] ?? ''
      if (this.#keep) this.kept.push({ path, type, body })
      this.#count(path, type, body, sent.length)
    }
    this.#pending = []
    this.#pendingBytes = 0
  }

  #count (path: string, type: string, body: Buffer, bytes: number): void {
    const arrivals = this.#arrivals
    if (path === '/v1/metrics') arrivals.metricRequests++
    else if (path === '/v1/logs') arrivals.logRecords += countLogRecords(body)
    else {
      const counted = spansOf(path, type, body)
      if (counted === undefined) return
      arrivals.spans += counted.spans
      arrivals.roots += counted.roots
      arrivals.spanBytes += bytes
    }
  }
}

function spansOf (path: string, type: string, body: Buffer): Counted | undefined {
  if (path === '/v1/traces') return type.includes('json') ? countJsonSpans(JSON.parse(body.toString())) : countSpans(body)
  if (path !== '/v0.4/traces' || body.length === 0) return undefined
  const spans = (decodeMsgpack(body) as Array<Array<{ type?: string, parent_id?: unknown }>>).flat()
  // The tracer also sends traces that no request began, such as one of the server's own look-up of its address.
  return { spans: spans.length, roots: spans.filter(({ type, parent_id: parent = 0 }) => type === 'web' && Number(parent) === 0).length }
}

/** What an agent tells a tracer: what it takes, and that every trace shall be kept. */
function agentAnswer (path: string): string {
  if (path === '/info') return '{"version":"7.70.0","endpoints":["/v0.4/traces"],"client_drop_p0s":false}'
  return path.endsWith('/traces') ? '{"rate_by_service":{"service:,env:":1}}' : '{}'
}

function noArrivals (): Arrivals {
  return { spans: 0, roots: 0, spanBytes: 0, logRecords: 0, metricRequests: 0 }
}
