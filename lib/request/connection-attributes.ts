import type { FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'
import type { RequestOptions } from '../options.ts'
import * as names from '../vocabulary/attributes.ts'
import { VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import { fixedAttributes, type FixedAttributes } from '../vocabulary/fixed-attributes.ts'
import { schemeOf } from './request-record.ts'

/** What is the same for most requests on one connection, as the latest of them said it. */
class ConnectionAttributes {
  readonly attributes: FixedAttributes
  readonly #options: RequestOptions
  // Fastify has followed X-Forwarded-For and X-Forwarded-Host as far as `trustProxy` says.
  readonly #host: string
  readonly #address: string | undefined
  readonly #scheme: string
  readonly #httpVersion: string
  readonly #userAgent: string | undefined

  constructor (request: FastifyRequest, options: RequestOptions) {
    this.#options = options
    this.#host = request.host
    this.#address = request.ip
    this.#scheme = schemeOf(request)
    this.#httpVersion = request.raw.httpVersion
    this.#userAgent = request.raw.headers['user-agent']
    this.attributes = fixedAttributes(this.#attributesOf(request))
  }

  holdFor (request: FastifyRequest, options: RequestOptions): boolean {
    const { raw } = request
    return this.#host === request.host && this.#address === request.ip && this.#userAgent === raw.headers['user-agent'] &&
      this.#scheme === schemeOf(request) && this.#httpVersion === raw.httpVersion && this.#options === options
  }

  #attributesOf ({ raw, hostname, port }: FastifyRequest): Record<string, string | number> {
    const attributes: Record<string, string | number> = {}
    if (this.#options.semantics !== 'letta') attributes[names.ATTR_URL_SCHEME] = this.#scheme
    // Absent on sockets that closed before the request was read, and on HTTP/2 sessions that are gone.
    const { remoteAddress, remotePort } = raw.socket as Partial<Socket> | null ?? {}
    if (remoteAddress !== undefined) attributes[names.ATTR_NETWORK_PEER_ADDRESS] = remoteAddress
    if (remotePort !== undefined) attributes[names.ATTR_NETWORK_PEER_PORT] = remotePort
    if (this.#address !== undefined) attributes[names.ATTR_CLIENT_ADDRESS] = this.#address
    if (hostname !== '') {
      attributes[names.ATTR_SERVER_ADDRESS] = hostname
      if (port !== null) attributes[names.ATTR_SERVER_PORT] = port
    }
    attributes[names.ATTR_NETWORK_PROTOCOL_VERSION] = protocolVersion(this.#httpVersion)
    if (this.#userAgent !== undefined) attributes[names.ATTR_USER_AGENT_ORIGINAL] = this.#userAgent.slice(0, VALUE_MAX_LENGTH)
    return attributes
  }
}

const LATEST = Symbol('letta-otel attributes of this connection')
type Connection = Socket & { [LATEST]?: ConnectionAttributes }

/**
 * The attributes that describe a request's connection and client, made once for all requests on a connection that look
 * alike. Behind a proxy several clients share one: they are made anew when another one follows.
 */
export function connectionAttributes (request: FastifyRequest, options: RequestOptions): FixedAttributes {
  const connection = request.raw.socket as Connection | null
  const latest = connection?.[LATEST]
  if (latest?.holdFor(request, options) === true) return latest.attributes
  const made = new ConnectionAttributes(request, options)
  if (connection != null) connection[LATEST] = made
  return made.attributes
}

/** `1.1`, or `2` where Node says `2.0`. */
export function protocolVersion (httpVersion: string): string {
  return httpVersion === '2.0' ? '2' : httpVersion
}
