import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { loadOtlpJson } from '../../../../lib/export/otlp-json.ts'

const jsonOf = await loadOtlpJson()

type Signal = 'traces' | 'metrics' | 'logs'

/** Stands before a collector, and knows what that acknowledged. */
export class Forwarder {
  /** Requests as OTLP JSON, in the order in which they were acknowledged. */
  readonly acknowledged: Record<Signal, any[]> = { traces: [], metrics: [], logs: [] }
  readonly url: string
  readonly close: () => Promise<void>

  private constructor (url: string, close: () => Promise<void>) {
    this.url = url
    this.close = close
  }

  static async to (collector: string): Promise<Forwarder> {
    const server = createServer((request, response) => {
      void (async () => {
        const body = await buffer(request)
        const answer = await fetch(`${collector}${request.url}`, {
          method: 'POST', headers: { 'content-type': String(request.headers['content-type']) }, body: body as Uint8Array<ArrayBuffer>
        }).catch(() => undefined)
        if (answer?.status === 200) forwarder.#note(request.url ?? '', body)
        response.writeHead(answer?.status ?? 503).end(answer === undefined ? undefined : Buffer.from(await answer.arrayBuffer()))
      })()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const forwarder = new Forwarder(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
      server.closeAllConnections()
      await new Promise(resolve => { server.close(resolve) })
    })
    return forwarder
  }

  #note (path: string, body: Buffer): void {
    const signal = path.replace('/v1/', '') as Signal
    this.acknowledged[signal].push(JSON.parse(jsonOf(signal, body)))
  }
}
