import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

type RawRequest = FastifyRequest['raw']
type RawResponse = FastifyReply['raw']

/**
 * A request of which Fastify makes none of its own: Node refused it, or Fastify did because it is closing. It has what a
 * server span is described with; which proxies are trusted is not known here, and so nothing that they say of the client.
 */
class RefusedRequest {
  readonly raw: RawRequest
  readonly server: FastifyInstance
  readonly routeOptions = { config: {}, url: undefined }
  readonly params = undefined
  readonly body = undefined
  readonly ip = undefined

  constructor (raw: RawRequest, server: FastifyInstance) {
    this.raw = raw
    this.server = server
  }

  get headers (): RawRequest['headers'] { return this.raw.headers }
  get method (): string { return this.raw.method ?? '' }
  get url (): string { return this.raw.url ?? '' }
  get originalUrl (): string { return this.url }
  get protocol (): string { return (this.raw.socket as { encrypted?: boolean } | null)?.encrypted === true ? 'https' : 'http' }
  get host (): string { return this.raw.headers.host ?? String(this.raw.headers[':authority'] ?? '') }
  get hostname (): string { return this.#portAt === -1 ? this.host : this.host.slice(0, this.#portAt) }

  get port (): number | null {
    const port = this.#portAt === -1 ? NaN : parseInt(this.host.slice(this.#portAt + 1), 10)
    return Number.isNaN(port) ? null : port
  }

  /** Where the colon before the port stands; an IPv6 address has others, in brackets. */
  get #portAt (): number {
    const at = this.host.lastIndexOf(':')
    return at > this.host.lastIndexOf(']') ? at : -1
  }
}

/** A refused request and what answers it, in the form of Fastify's. */
export function refused (app: FastifyInstance, rawRequest: RawRequest, rawResponse: RawResponse): { request: FastifyRequest, reply: FastifyReply } {
  const request = new RefusedRequest(rawRequest, app) as unknown as FastifyRequest
  const reply = {
    raw: rawResponse,
    request,
    server: app,
    get statusCode () { return rawResponse.statusCode },
    getHeader: (name: string) => rawResponse.getHeader(name)
  }
  return { request, reply: reply as unknown as FastifyReply }
}
