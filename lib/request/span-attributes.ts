import type { Attributes } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestOptions } from '../options.ts'
import * as names from '../vocabulary/attributes.ts'
import { VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import { indexOfAny, redactQuery, redactUrl } from '../redaction/redact-query.ts'
import { schemeOf } from './request-record.ts'
import type { RouteFacts } from './route-facts.ts'

/** Adds what is known of a request when it arrives. */
export function addRequestAttributes (attributes: Attributes, request: FastifyRequest, facts: RouteFacts, options: RequestOptions): void {
  const { raw, headers } = request
  const { path, query } = splitTarget(request.originalUrl, options.secretQueryKeys)
  const scheme = schemeOf(request)
  // First, so that a parameter called `method` does not stand for the method.
  if (options.semantics !== 'stable') addPathParameters(attributes, request.params, options.secretQueryKeys)
  if (options.semantics !== 'letta') {
    attributes[names.ATTR_HTTP_REQUEST_METHOD] = facts.method
    if (facts.method !== request.method) attributes[names.ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = request.method
    attributes[names.ATTR_URL_PATH] = path
    attributes[names.ATTR_URL_SCHEME] = scheme
    if (query !== undefined) attributes[names.ATTR_URL_QUERY] = query
  }
  if (options.semantics !== 'stable') {
    attributes[names.ATTR_LETTA_HTTP_METHOD] = request.method
    attributes[names.ATTR_LETTA_HTTP_URL] = `${scheme}://${request.host}${path}${query === undefined ? '' : `?${query}`}`
  }
  if (facts.route !== undefined) attributes[names.ATTR_HTTP_ROUTE] = facts.route
  addNetwork(attributes, request)
  attributes[names.ATTR_NETWORK_PROTOCOL_VERSION] = protocolVersion(raw.httpVersion)
  const userAgent = headers['user-agent']
  if (userAgent !== undefined) attributes[names.ATTR_USER_AGENT_ORIGINAL] = userAgent.slice(0, VALUE_MAX_LENGTH)
  for (const name of options.captureHeaders.request) {
    addHeader(attributes, names.requestHeaderAttribute(name), headers[name])
  }
}

/** Headers and body fields that an option names; read when the request is over and the body was parsed. */
export function capturedAttributes (request: FastifyRequest, reply: FastifyReply | undefined, options: RequestOptions): Attributes {
  const attributes: Attributes = {}
  for (const name of options.captureHeaders.response) {
    addHeader(attributes, names.responseHeaderAttribute(name), reply?.getHeader(name))
  }
  const body = request.body
  if (options.captureBody.length === 0 || typeof body !== 'object' || body === null) return attributes
  for (const key of options.captureBody) {
    if (!Object.hasOwn(body, key)) continue
    const value = (body as Record<string, unknown>)[key]
    if (typeof value === 'string') attributes[names.requestBodyAttribute(key)] = value.slice(0, VALUE_MAX_LENGTH)
    else if (typeof value === 'number' || typeof value === 'boolean') attributes[names.requestBodyAttribute(key)] = value
  }
  return attributes
}

/** `1.1`, or `2` where Node says `2.0`. */
export function protocolVersion (httpVersion: string): string {
  return httpVersion === '2.0' ? '2' : httpVersion
}

/**
 * The path and the query of what a request line names. A proxy's client sends a whole URL, credentials included; some
 * routers take `#` and `;` for the start of a query.
 */
function splitTarget (target: string, secretKeys: ReadonlySet<string>): { path: string, query: string | undefined } {
  const local = target.charCodeAt(0) === SLASH ? target : withoutAuthority(target)
  const mark = indexOfAny(local, '?#')
  const query = mark === -1 ? '' : local.slice(mark + 1)
  return {
    path: redactUrl(mark === -1 ? local : local.slice(0, mark), secretKeys),
    query: query === '' ? undefined : redactQuery(query, secretKeys)
  }
}

const SLASH = 47

function withoutAuthority (target: string): string {
  const scheme = target.indexOf('://')
  if (scheme === -1) return target
  const end = indexOfAny(target.slice(scheme + 3), '/?#')
  return end === -1 ? '/' : target.slice(scheme + 3 + end)
}

function addNetwork (attributes: Attributes, request: FastifyRequest): void {
  const { socket } = request.raw
  // Absent on sockets that closed before the request was read, and on HTTP/2 sessions that are gone.
  const peerAddress = socket?.remoteAddress
  const peerPort = socket?.remotePort
  if (peerAddress !== undefined) attributes[names.ATTR_NETWORK_PEER_ADDRESS] = peerAddress
  if (peerPort !== undefined) attributes[names.ATTR_NETWORK_PEER_PORT] = peerPort
  // Fastify has followed X-Forwarded-For and X-Forwarded-Host as far as `trustProxy` says.
  if (request.ip !== undefined) attributes[names.ATTR_CLIENT_ADDRESS] = request.ip
  const address = request.hostname
  if (address !== '') {
    attributes[names.ATTR_SERVER_ADDRESS] = address
    const port = request.port
    if (port !== null) attributes[names.ATTR_SERVER_PORT] = port
  }
}

function addPathParameters (attributes: Attributes, params: unknown, secretKeys: ReadonlySet<string>): void {
  if (typeof params !== 'object' || params === null) return
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') attributes[names.pathParameterAttribute(name)] = redactUrl(value.slice(0, VALUE_MAX_LENGTH), secretKeys)
  }
}

function addHeader (attributes: Attributes, attribute: string, value: string | number | readonly string[] | undefined): void {
  if (value === undefined) return
  const values = Array.isArray(value) ? value : [value]
  attributes[attribute] = values.map(item => String(item).slice(0, VALUE_MAX_LENGTH))
}
