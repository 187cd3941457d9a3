import type { FastifyRequest } from 'fastify'
import { AmbientScope, type ContextAttributes, type ContextAttributeValue } from '../ambient/context-attributes.ts'
import type { RequestOptions } from '../options.ts'
import { USER_AGENT, VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import type { AttributeTarget } from './span-attributes.ts'

const NONE: ContextAttributes = Object.freeze({})

/** What the context headers say of who makes a request, for metrics and log lines. */
export function ambientScopeOfRequest ({ headers, originalUrl }: FastifyRequest, { contextHeaders }: RequestOptions): AmbientScope {
  let ambient: Record<string, ContextAttributeValue> | undefined
  let logged: Record<string, ContextAttributeValue> | undefined
  for (const header of contextHeaders) {
    if (header.ambient !== true && header.logged !== true) continue
    const value = headers[header.header]
    if (typeof value !== 'string' || value === '') continue
    const kept = value.slice(0, VALUE_MAX_LENGTH)
    if (header.ambient === true) (ambient ??= {})[header.attribute] = kept
    else (logged ??= {})[header.attribute] = kept
  }
  return new AmbientScope(frozen(ambient), frozen(logged), originalUrl)
}

/** Sets what the context headers say. */
export function setContextHeaders (target: AttributeTarget, { headers }: FastifyRequest, { contextHeaders }: RequestOptions): void {
  for (const { header, attribute } of contextHeaders) {
    // Set with what else describes the client.
    if (header === USER_AGENT) continue
    const value = headers[header]
    if (typeof value === 'string' && value !== '') target.setAttribute(attribute, value.slice(0, VALUE_MAX_LENGTH))
  }
}

function frozen (attributes: Record<string, ContextAttributeValue> | undefined): ContextAttributes {
  return attributes === undefined ? NONE : Object.freeze(attributes)
}
