import { once } from 'node:events'
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { loadOtlpJson } from '../../../../lib/export/otlp-json.ts'
import { spansIn } from '../../../faults/harness/span-ids.ts'

const jsonOf = await loadOtlpJson()

const SIGNALS = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'traces',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'metrics',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs'
} as const

type Signal = (typeof SIGNALS)[keyof typeof SIGNALS]

/** A flag for compression, and four bytes that say how long the message is. */
const PREFIX_BYTES = 5
const UNAUTHENTICATED = 16
const UNAVAILABLE = 14

export interface SinkOptions {
  /** A header that every call has to have, with its value. */
  readonly header?: readonly [name: string, value: string]
  /** A certificate and its key, for TLS. */
  readonly identity?: { readonly cert: string, readonly key: string }
  /** Whether spans are only counted. @default false */
  readonly countsOnly?: boolean
}

/** A back end that takes OTLP over gRPC: as much of gRPC as one message each way needs. */
export class GrpcSink {
  /** Requests as OTLP JSON. */
  readonly received: Record<Signal, any[]> = { traces: [], metrics: [], logs: [] }
  /** How many spans came, where they are only counted. */
  spans = 0
  /** Calls without the header. */
  refused = 0
  isAvailable = true
  readonly #server: Http2Server
  readonly #header: SinkOptions['header']
  readonly #countsOnly: boolean
  readonly #sessions = new Set<ServerHttp2Session>()

  private constructor ({ header, identity, countsOnly = false }: SinkOptions) {
    this.#header = header
    this.#countsOnly = countsOnly
    this.#server = identity === undefined ? createServer() : createSecureServer(identity)
    this.#server.on('session', session => {
      this.#sessions.add(session)
      session.on('close', () => { this.#sessions.delete(session) })
    })
    this.#server.on('stream', (stream, headers) => {
      const path = String(headers[':path']) as keyof typeof SIGNALS
      const value = this.#header === undefined ? undefined : headers[this.#header[0]]
      // Collectors are killed while they call: what did not arrive whole did not arrive.
      stream.on('error', () => {})
      this.#answer(stream, SIGNALS[path], value === this.#header?.[1]).catch(() => {})
    })
  }

  static async start (options: SinkOptions = {}): Promise<GrpcSink> {
    const sink = new GrpcSink(options)
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server, 'listening')
    return sink
  }

  /** Host and port. */
  get address (): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close (): Promise<void> {
    for (const session of this.#sessions) session.destroy()
    await new Promise(resolve => { this.#server.close(resolve) })
  }

  #take (signal: Signal, message: Buffer): void {
    if (this.#countsOnly) this.spans += signal === 'traces' ? spansIn(message).length : 0
    else this.received[signal].push(JSON.parse(jsonOf(signal, message)))
  }

  async #answer (stream: ServerHttp2Stream, signal: Signal, isKnown: boolean): Promise<void> {
    const call = await buffer(stream)
    const message = messageOf(call)
    if (!isKnown) this.refused++
    const status = !isKnown ? UNAUTHENTICATED : this.isAvailable ? 0 : UNAVAILABLE
    if (status === 0) this.#take(signal, message)
    if (stream.destroyed) return
    stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': String(status) }) })
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.end(status === 0 ? Buffer.alloc(PREFIX_BYTES) : undefined)
  }
}

function messageOf (call: Buffer): Buffer {
  const message = call.subarray(PREFIX_BYTES, PREFIX_BYTES + call.readUInt32BE(1))
  return call[0] === 1 ? gunzipSync(message) : message
}
