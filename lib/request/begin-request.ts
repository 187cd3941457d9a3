import { INVALID_SPAN_CONTEXT, SpanKind, trace, type Attributes, type Link } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import { AmbientScope, withAmbientScope, type ContextAttributeValue } from '../ambient/context-attributes.ts'
import type { RequestOptions } from '../options.ts'
import { VALUE_MAX_LENGTH } from '../vocabulary/context.ts'
import { startTime, type StartTime } from './clock.ts'
import { existingServerSpan } from './existing-span.ts'
import { incomingContext } from './incoming-context.ts'
import { RequestRecord, attachRecord, recordOf, type OpenedSpan } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import type { RouteFacts } from './route-facts.ts'
import { requestAttributes } from './span-attributes.ts'

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
  const opened = openSpan(request, facts, settings, start, fromHeaders.span)
  const ambient = new AmbientScope(Object.freeze(fromHeaders.ambient), Object.freeze(fromHeaders.logged), request.originalUrl)
  const record = new RequestRecord(request, facts, { ...opened, context: withAmbientScope(opened.context, ambient) }, ambient, start)
  attachRecord(request.raw, record)
  return record
}

function openSpan (request: FastifyRequest, facts: RouteFacts, { tracer, options }: RequestSettings, start: StartTime, fromHeaders: Attributes): OpenedSpan {
  const existing = existingServerSpan(facts.route)
  if (existing !== undefined) {
    existing.span.updateName(facts.spanName)
    existing.span.setAttributes({ ...requestAttributes(request, facts, options), ...fromHeaders })
    return existing
  }
  const { parent, linked } = incomingContext(request, options.trustIncoming)
  if (!facts.traced) {
    // What is called from here still continues the caller's trace.
    const span = trace.getSpan(parent) ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    return { span, context: parent, adopted: false }
  }
  const links: Link[] = linked === undefined ? [] : [{ context: linked }]
  const span = tracer.startSpan(facts.spanName, {
    kind: SpanKind.SERVER,
    startTime: start.wall,
    attributes: { ...requestAttributes(request, facts, options), ...fromHeaders },
    links
  }, parent)
  return { span, context: trace.setSpan(parent, span), adopted: false }
}

/** What the context headers say, for each place it goes to. */
interface HeaderAttributes {
  readonly span: Attributes
  readonly ambient: Record<string, ContextAttributeValue>
  readonly logged: Record<string, ContextAttributeValue>
}

function headerAttributes (request: FastifyRequest, { contextHeaders }: RequestOptions): HeaderAttributes {
  const found: HeaderAttributes = { span: {}, ambient: {}, logged: {} }
  for (const { header, attribute, ambient, logged } of contextHeaders) {
    const value = request.headers[header]
    if (typeof value !== 'string' || value === '') continue
    const kept = value.slice(0, VALUE_MAX_LENGTH)
    found.span[attribute] = kept
    if (ambient === true) found.ambient[attribute] = kept
    else if (logged === true) found.logged[attribute] = kept
  }
  return found
}
