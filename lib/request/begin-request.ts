import { SpanKind, context, trace, type Attributes, type Context, type Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import { AmbientScope, type ContextAttributes, type ContextAttributeValue } from '../ambient/context-attributes.ts'
import { RequestContext } from '../ambient/request-context.ts'
import type { RequestOptions } from '../options.ts'
import { VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import { startTime, type StartTime } from './clock.ts'
import { existingServerSpan } from './existing-span.ts'
import { RequestRecord, attachRecord, recordOf } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import { NO_TELEMETRY } from './request-telemetry.ts'
import type { RouteFacts } from './route-facts.ts'
import { addRequestAttributes } from './span-attributes.ts'

/**
 * Opens the server span of a request, once: for its first log line or in `onRequest`, whichever comes first.
 *
 * @returns nothing for a request that is left out
 */
export function beginRequest (request: FastifyRequest, settings: RequestSettings): RequestRecord | undefined {
  const begun = recordOf(request.raw)
  if (begun !== undefined) return begun
  const facts = settings.routes.of(request)
  if (facts.excluded) return undefined
  const start = startTime()
  const fromHeaders = headerAttributes(request, settings.options)
  const { span, parent, adopted } = openSpan(request, facts, settings, start, fromHeaders.span)
  const ambient = new AmbientScope(fromHeaders.ambient, fromHeaders.logged, request.originalUrl)
  const record = new RequestRecord(request, facts, start, span, adopted, new RequestContext(parent, span, ambient), ambient)
  attachRecord(request.raw, record)
  return record
}

/** A server span, and the context below which it belongs. */
interface OpenedSpan {
  readonly span: Span
  readonly parent: Context
  readonly adopted: boolean
}

function openSpan (request: FastifyRequest, facts: RouteFacts, settings: RequestSettings, start: StartTime, attributes: Attributes): OpenedSpan {
  const { tracer, options, incoming } = settings
  const existing = existingServerSpan(facts.route)
  if (existing !== undefined) {
    addRequestAttributes(attributes, request, facts, options)
    existing.updateName(facts.spanName)
    existing.setAttributes(attributes)
    return { span: existing, parent: context.active(), adopted: true }
  }
  const { parent, linked } = incoming.of(request)
  if (!facts.traced) {
    // What is called from here still continues the caller's trace.
    return { span: trace.getSpan(parent) ?? NO_TELEMETRY.span, parent, adopted: false }
  }
  addRequestAttributes(attributes, request, facts, options)
  const span = tracer.startSpan(facts.spanName, {
    kind: SpanKind.SERVER,
    startTime: start.wall,
    attributes,
    ...(linked !== undefined && { links: [{ context: linked }] })
  }, parent)
  return { span, parent, adopted: false }
}

/** What the context headers say, for each place it goes to. */
interface HeaderAttributes {
  readonly span: Attributes
  readonly ambient: ContextAttributes
  readonly logged: ContextAttributes
}

const NONE: ContextAttributes = Object.freeze({})

function headerAttributes (request: FastifyRequest, { contextHeaders }: RequestOptions): HeaderAttributes {
  const span: Attributes = {}
  let ambient: Record<string, ContextAttributeValue> | undefined
  let logged: Record<string, ContextAttributeValue> | undefined
  for (const header of contextHeaders) {
    const value = request.headers[header.header]
    if (typeof value !== 'string' || value === '') continue
    const kept = value.slice(0, VALUE_MAX_LENGTH)
    span[header.attribute] = kept
    if (header.ambient === true) (ambient ??= {})[header.attribute] = kept
    else if (header.logged === true) (logged ??= {})[header.attribute] = kept
  }
  return { span, ambient: frozen(ambient), logged: frozen(logged) }
}

function frozen (attributes: Record<string, ContextAttributeValue> | undefined): ContextAttributes {
  return attributes === undefined ? NONE : Object.freeze(attributes)
}
