import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { spansIn, type CountedSpan } from './span-ids.ts'

/** One request for traces whose body arrived. */
export interface Arrival {
  readonly spans: readonly CountedSpan[]
  readonly bytes: number
  /** Of `performance.now()`. */
  readonly at: number
}

/** How a collector answers a request that it has received. */
export type Behaviour = (response: ServerResponse, arrival: Arrival) => void

/** Below what systems use for outgoing connections and for port 0. */
const PORTS = [20_000, 30_000] as const
const ATTEMPTS_MAX = 20

export const accept: Behaviour = response => { response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end() }

/**
 * An OTLP/HTTP receiver on a port of this machine that can go away, come back and misbehave. What it acknowledged is
 * counted apart from what it received: only that may never come twice. Metrics are taken as traces are, and not counted.
 */
export class Collector {
  readonly arrivals: Arrival[] = []
  /** How often each span was acknowledged. */
  readonly acknowledged = new Map<string, number>()
  /** Spans whose end was before their start. */
  readonly negative: CountedSpan[] = []
  /** Bodies that were no request for traces. */
  invalid = 0
  behave: Behaviour = accept
  /** Asked before a body is read; true where the connection is cut then. */
  cut: () => boolean = () => false
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #waiting = new Set<() => void>()
  readonly #port: number

  private constructor (port: number) {
    this.#port = port
    this.#server = createServer((request, response) => { this.#serve(request, response) })
    this.#server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => { this.#sockets.delete(socket) })
    })
  }

  /** On a port that stays its own while it is away: none that the system gives to others. */
  static async start (): Promise<Collector> {
    for (let attempt = 1; ; attempt++) {
      const collector = new Collector(randomInt(...PORTS))
      try {
        await collector.comeBack()
        return collector
      } catch (problem) {
        if (attempt === ATTEMPTS_MAX) throw problem
      }
    }
  }

  get url (): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get received (): number {
    return this.arrivals.reduce((sum, { spans }) => sum + spans.length, 0)
  }

  /** Spans that came more than once, acknowledged or not. */
  get repeated (): number {
    return this.received - new Set(this.arrivals.flatMap(({ spans }) => spans.map(({ id }) => id))).size
  }

  /** Spans that were acknowledged more than once. */
  get twice (): number {
    return [...this.acknowledged.values()].filter(times => times > 1).length
  }

  /** Where it was before. */
  async comeBack (): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Connections are refused from now on. An answer that was given still leaves. */
  async goAway (): Promise<void> {
    const closed = new Promise(resolve => { this.#server.close(resolve) })
    for (const socket of this.#sockets) socket.destroySoon()
    await closed
  }

  async stop (): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await this.goAway()
  }

  acknowledge ({ spans }: Arrival): void {
    for (const { id } of spans) this.acknowledged.set(id, (this.acknowledged.get(id) ?? 0) + 1)
  }

  /** @returns whether `condition` came to hold within so many milliseconds; it is looked at whenever something was answered */
  async until (condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while (!condition()) {
      const left = deadline - performance.now()
      if (left <= 0) return false
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      const timer = setTimeout(resolve, left)
      await promise
      clearTimeout(timer)
      this.#waiting.delete(resolve)
    }
    return true
  }

  #serve (request: IncomingMessage, response: ServerResponse): void {
    const traces = request.url === '/v1/traces'
    request.on('error', () => {})
    response.on('error', () => {})
    if (traces && this.cut()) {
      request.once('data', () => { request.socket.destroy() })
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      this.#answer(response, { spans: traces ? this.#read(body) : [], bytes: body.length, at: performance.now() }, traces)
    })
  }

  #answer (response: ServerResponse, arrival: Arrival, traces: boolean): void {
    if (traces) {
      this.arrivals.push(arrival)
      response.on('finish', () => {
        if (response.statusCode === 200) this.acknowledge(arrival)
        this.#tell()
      })
    }
    this.behave(response, arrival)
    this.#tell()
  }

  #read (body: Uint8Array): CountedSpan[] {
    try {
      const spans = spansIn(body)
      this.negative.push(...spans.filter(({ start, end }) => end < start))
      return spans
    } catch {
      this.invalid++
      return []
    }
  }

  #tell (): void {
    for (const wake of this.#waiting) wake()
  }
}
