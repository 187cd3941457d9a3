import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** Of one file: how it answers, in order; the last one goes on. */
export type Answer = (response: ServerResponse, request: IncomingMessage, body: Buffer) => void

/** The whole file, or from where it is asked for, as servers of releases do. */
export const serve: Answer = (response, request, body) => {
  const etag = `"${body.length}-${body.toString('hex', 0, 8)}"`
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const condition = request.headers['if-range']
  const headers = { etag, 'accept-ranges': 'bytes' }
  if (from === undefined || (condition !== undefined && condition !== etag)) {
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body)
  } else if (Number(from) >= body.length) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${body.length}` }).end()
  } else {
    const rest = body.subarray(Number(from))
    response.writeHead(206, { ...headers, 'content-length': rest.length, 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }).end(rest)
  }
}

export const status = (code: number, headers: Record<string, string> = {}): Answer => response => { response.writeHead(code, headers).end('no') }

/** Half of what was asked for, then nothing more and a closed connection. */
export const breakOff: Answer = (response, request, body) => {
  const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const rest = body.subarray(Number(from))
  const range = { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }
  response.writeHead(from === '0' ? 200 : 206, { etag: `"${body.length}-${body.toString('hex', 0, 8)}"`, 'content-length': rest.length, ...(from !== '0' && range) })
  response.write(rest.subarray(0, rest.length / 2), () => { response.destroy() })
}

/** A part, and then silence. */
export const stall: Answer = (response, _request, body) => {
  response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 10))
}

/** Serves files by path, remembers who asked for what, and misbehaves on demand. */
export class ReleaseServer {
  readonly #server: Server
  readonly #files = new Map<string, { body: Buffer, answers: Answer[] }>()
  readonly requests: Array<{ readonly path: string, readonly method: string, readonly headers: IncomingMessage['headers'] }> = []

  private constructor (create: (listener: RequestListener) => Server) {
    this.#server = create((request, response) => {
      const path = request.url ?? ''
      this.requests.push({ path, method: request.method ?? '', headers: request.headers })
      const file = this.#files.get(path.split('?')[0]!)
      if (file === undefined) return status(404)(response, request, Buffer.alloc(0))
      const answer = file.answers.length > 1 ? file.answers.shift()! : file.answers[0] ?? serve
      answer(response, request, file.body)
    })
  }

  static async listen (t: Test, create: (listener: RequestListener) => Server = createServer): Promise<ReleaseServer> {
    const server = new ReleaseServer(create)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    t.teardown(() => {
      server.#server.close()
      server.#server.closeAllConnections()
    })
    return server
  }

  /** For a base URL without a directory. */
  url (path = '', protocol = 'http:'): URL {
    return new URL(`${protocol}//127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`)
  }

  put (path: string, body: Buffer | string, ...answers: Answer[]): void {
    this.#files.set(path, { body: Buffer.from(body), answers })
  }

  /** How often a file was asked for. */
  count (name: string): number {
    return this.requests.filter(({ path }) => path.endsWith(name)).length
  }

  get server (): Server {
    return this.#server
  }
}
