import type { FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'
import type { RequestOptions } from '../options.ts'
import * as names from '../vocabulary/attributes.ts'
import { USER_AGENT, VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import { fixedAttributes, type FixedAttributes } from '../vocabulary/fixed-attributes.ts'
import { schemeOf } from './request-record.ts'
import type { AttributeTarget } from './span-attributes.ts'

/** What the latest request on a connection said of where it came from. */
class Origin {
  readonly #options: RequestOptions
  // Fastify has followed X-Forwarded-For and X-Forwarded-Host as far as `trustProxy` says.
  readonly #host: string
  readonly #address: string | undefined
  readonly #scheme: string
  readonly #httpVersion: string
  readonly #userAgent: string | undefined
  /** Made for the second request: of many a connection there is no other. */
  #attributes: FixedAttributes | undefined

  constructor (request: FastifyRequest, options: RequestOptions) {
    this.#options = options
    this.#host = request.host
    this.#address = request.ip
    this.#scheme = schemeOf(request)
    this.#httpVersion = request.raw.httpVersion
    this.#userAgent = request.raw.headers[USER_AGENT]
  }

  isThatOf (request: FastifyRequest, options: RequestOptions): boolean {
    const { raw } = request
    return this.#host === request.host && this.#address === request.ip && this.#userAgent === raw.headers[USER_AGENT] &&
      this.#scheme === schemeOf(request) && this.#httpVersion === raw.httpVersion && this.#options === options
  }

  attributes (request: FastifyRequest): FixedAttributes {
    if (this.#attributes === undefined) {
      const attributes: Record<string, string | number> = {}
      this.describe((name, value) => { attributes[name] = value }, request)
      this.#attributes = fixedAttributes(attributes)
    }
    return this.#attributes
  }

  describe (set: (name: string, value: string | number) => void, { raw, hostname, port }: FastifyRequest): void {
    const { semantics, contextHeaders } = this.#options
    if (semantics !== 'letta') set(names.ATTR_URL_SCHEME, this.#scheme)
    // Absent on sockets that closed before the request was read, and on HTTP/2 sessions that are gone.
    const { remoteAddress, remotePort } = raw.socket as Partial<Socket> | null ?? {}
    if (remoteAddress !== undefined) set(names.ATTR_NETWORK_PEER_ADDRESS, remoteAddress)
    if (remotePort !== undefined) set(names.ATTR_NETWORK_PEER_PORT, remotePort)
    if (this.#address !== undefined) set(names.ATTR_CLIENT_ADDRESS, this.#address)
    if (hostname !== '') {
      set(names.ATTR_SERVER_ADDRESS, hostname)
      if (port !== null) set(names.ATTR_SERVER_PORT, port)
    }
    set(names.ATTR_NETWORK_PROTOCOL_VERSION, protocolVersion(this.#httpVersion))
    if (this.#userAgent === undefined || this.#userAgent === '') return
    const userAgent = this.#userAgent.slice(0, VALUE_MAX_LENGTH)
    set(names.ATTR_USER_AGENT_ORIGINAL, userAgent)
    for (const { header, attribute } of contextHeaders) if (header === USER_AGENT) set(attribute, userAgent)
  }
}

const LATEST = Symbol('letta-otel latest origin on this connection')
type Connection = Socket & { [LATEST]?: Origin }

/**
 * Sets the attributes that describe a request's connection and client. They are put together once for all requests on a
 * connection that look alike. Behind a proxy several clients share one: each is described anew when another one was between.
 */
export function setConnectionAttributes (target: AttributeTarget, request: FastifyRequest, options: RequestOptions): void {
  const connection = request.raw.socket as Connection | null
  const latest = connection?.[LATEST]
  if (latest?.isThatOf(request, options) === true) {
    target.setAttributes(latest.attributes(request))
    return
  }
  const origin = new Origin(request, options)
  if (connection != null) connection[LATEST] = origin
  origin.describe((name, value) => { target.setAttribute(name, value) }, request)
}

/** `1.1`, or `2` where Node says `2.0`. */
export function protocolVersion (httpVersion: string): string {
  return httpVersion === '2.0' ? '2' : httpVersion
}
