import type { Attributes, AttributeValue } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestOptions } from '../options.ts'
import * as names from '../vocabulary/attributes.ts'
import { VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import { isSecret } from '../vocabulary/secrets.ts'
import { indexOfAny, isPlainPath, redactQuery, redactUrl } from '../redaction/redact-query.ts'
import { setConnectionAttributes } from './connection-attributes.ts'
import { schemeOf } from './request-record.ts'
import type { RouteFacts } from './route-facts.ts'

/** What attributes are set on: a span, mostly. */
export type AttributeTarget = {
  setAttribute (name: string, value: AttributeValue): unknown
  setAttributes (attributes: Attributes): unknown
}

/** Sets what is known of a request when it arrives. */
export function setRequestAttributes (target: AttributeTarget, request: FastifyRequest, facts: RouteFacts, options: RequestOptions): void {
  const { path, query } = splitTarget(request.originalUrl, options.secretQueryKeys)
  // First, so that a parameter called `method` does not stand for the method.
  if (options.semantics !== 'stable') setPathParameters(target, request.params, options.secretQueryKeys)
  target.setAttributes(facts.attributes)
  setConnectionAttributes(target, request, options)
  if (options.semantics !== 'letta') {
    if (facts.method !== request.method) target.setAttribute(names.ATTR_HTTP_REQUEST_METHOD_ORIGINAL, request.method)
    target.setAttribute(names.ATTR_URL_PATH, path)
    if (query !== undefined) target.setAttribute(names.ATTR_URL_QUERY, query)
  }
  if (options.semantics !== 'stable') {
    target.setAttribute(names.ATTR_LETTA_HTTP_METHOD, request.method)
    target.setAttribute(names.ATTR_LETTA_HTTP_URL, `${schemeOf(request)}://${request.host}${path}${query === undefined ? '' : `?${query}`}`)
  }
  for (const name of options.captureHeaders.request) setHeader(target, names.requestHeaderAttribute(name), request.headers[name])
}

/** Sets headers and body fields that an option names; read when the request is over and the body was parsed. */
export function setCapturedAttributes (target: AttributeTarget, { body }: FastifyRequest, reply: FastifyReply | undefined, options: RequestOptions): void {
  for (const name of options.captureHeaders.response) {
    setHeader(target, names.responseHeaderAttribute(name), reply?.getHeader(name))
  }
  if (options.captureBody.length === 0 || typeof body !== 'object' || body === null) return
  for (const key of options.captureBody) {
    if (!Object.hasOwn(body, key)) continue
    const value = (body as Record<string, unknown>)[key]
    if (isSecret(key, value)) continue
    if (typeof value === 'string') target.setAttribute(names.requestBodyAttribute(key), value.slice(0, VALUE_MAX_LENGTH))
    else if (typeof value === 'number' || typeof value === 'boolean') target.setAttribute(names.requestBodyAttribute(key), value)
  }
}

/**
 * The path and the query of what a request line names. A proxy's client sends a whole URL, credentials included; some
 * routers take `#` and `;` for the start of a query.
 */
function splitTarget (target: string, secretKeys: ReadonlySet<string>): { path: string, query: string | undefined } {
  if (target.charCodeAt(0) === SLASH && isPlainPath(target)) return { path: target, query: undefined }
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

function setPathParameters (target: AttributeTarget, params: unknown, secretKeys: ReadonlySet<string>): void {
  if (typeof params !== 'object' || params === null) return
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') target.setAttribute(names.pathParameterAttribute(name), redactUrl(value.slice(0, VALUE_MAX_LENGTH), secretKeys))
  }
}

function setHeader (target: AttributeTarget, attribute: string, value: string | number | readonly string[] | undefined): void {
  if (value === undefined) return
  const values = Array.isArray(value) ? value : [value]
  target.setAttribute(attribute, values.map(item => String(item).slice(0, VALUE_MAX_LENGTH)))
}
