import type { Attributes } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import type { RequestOptions } from '../options.ts'
import { setContextHeaders } from './context-headers.ts'
import type { RouteFacts } from './route-facts.ts'
import { setRequestAttributes, type AttributeTarget } from './span-attributes.ts'

/** Sets everything that is known of a request when it arrives. */
export function describeRequest (target: AttributeTarget, request: FastifyRequest, facts: RouteFacts, options: RequestOptions): void {
  setContextHeaders(target, request, options)
  setRequestAttributes(target, request, facts, options)
}

/** What {@link describeRequest} sets, where there is no span to set it on. */
export function describedAttributes (request: FastifyRequest, facts: RouteFacts, options: RequestOptions): Attributes {
  const attributes: Attributes = {}
  describeRequest({
    setAttribute (name, value) { attributes[name] = value },
    setAttributes (values) { for (const name of Object.keys(values)) attributes[name] = values[name] }
  }, request, facts, options)
  return attributes
}
