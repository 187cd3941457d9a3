import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { decode } from './otlp-messages.ts'

/** How a receiver treats a request; the body has arrived, and counts only where the answer says so. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void

/** Accepts with an answer of protobuf. */
export const accept: Behaviour = response => { response.setHeader('content-type', 'application/x-protobuf').end() }
export const answer = (status: number, headers: Record<string, string> = {}, body: string | Uint8Array = ''): Behaviour =>
  response => { response.writeHead(status, headers).end(body) }
/** Never answers. */
export const hang: Behaviour = () => {}

export interface Arrival {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Not compressed any more. */
  readonly body: Buffer
  /** Names of the spans in it, or bodies of its log records. */
  readonly names: readonly string[]
}

/** A real OTLP/HTTP receiver on a free port of this machine, which counts what it acknowledged and misbehaves on demand. */
export class Receiver {
  readonly #server: Server
  readonly #waiting = new Set<() => void>()
  readonly #sockets = new Set<Socket>()
  /** Every request whose body arrived. */
  readonly arrivals: Arrival[] = []
  /** Those that were answered with 200. */
  readonly accepted: Arrival[] = []
  readonly #behaviours: Behaviour[]
  /** What it does when nothing else was asked for. */
  usual: Behaviour = accept

  constructor (behaviours: Behaviour[], create: (listener: RequestListener) => Server) {
    this.#behaviours = behaviours
    this.#server = create((request, response) => { void this.#receive(request, response) })
    this.#server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('close', () => { this.#sockets.delete(socket) })
    })
  }

  /** `behaviours`: one for each request, in order; then it accepts. `port`: 0 for any. */
  static async listen (behaviours: Behaviour[] = [], port = 0, create: (listener: RequestListener) => Server = createServer): Promise<Receiver> {
    const receiver = new Receiver(behaviours, create)
    receiver.#server.listen(port, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url (): string {
    return `http://127.0.0.1:${this.port}/v1/traces`
  }

  get connections (): number {
    return this.#sockets.size
  }

  /** Names of everything that was accepted, in order. */
  get names (): string[] {
    return this.accepted.flatMap(({ names }) => names)
  }

  /** Settles when `condition` holds. */
  async until (condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      await promise
      this.#waiting.delete(resolve)
    }
  }

  async close (): Promise<void> {
    this.#server.closeAllConnections()
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => { this.#server.close(resolve) })
  }

  async #receive (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('error', () => {})
    response.on('error', () => {})
    await once(request, 'end').catch(() => {})
    const arrival = arrivalOf(request, Buffer.concat(chunks))
    this.arrivals.push(arrival)
    response.on('finish', () => {
      if (response.statusCode === 200) this.accepted.push(arrival)
      this.#tell()
    })
    const behave = this.#behaviours.shift() ?? this.usual
    behave(response, request)
    this.#tell()
  }

  #tell (): void {
    for (const wake of this.#waiting) wake()
  }
}

function arrivalOf ({ url = '', headers }: IncomingMessage, raw: Buffer): Arrival {
  const encoding = headers['content-encoding']
  const body = encoding === 'gzip' ? gunzipSync(raw) : encoding === 'zstd' ? zstdDecompressSync(raw) : raw
  return { path: url, headers, body, names: namesIn(url, body) }
}

function namesIn (path: string, body: Buffer): string[] {
  if (path.includes('/v1/logs')) {
    return (decode('LogsRequest', body).resourceLogs ?? []).flatMap((resource: any) => (resource.scopeLogs ?? [])
      .flatMap((scope: any) => (scope.logRecords ?? []).map((record: any) => record.body?.stringValue)))
  }
  if (!path.includes('/v1/traces')) return []
  return (decode('TracesRequest', body).resourceSpans ?? []).flatMap((resource: any) => (resource.scopeSpans ?? [])
    .flatMap((scope: any) => (scope.spans ?? []).map((span: any) => span.name)))
}
