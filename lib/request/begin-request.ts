import { ROOT_CONTEXT, SpanKind, context, trace, type Attributes, type Context, type Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import { AmbientScope } from '../ambient/context-attributes.ts'
import { RequestContext } from '../ambient/request-context.ts'
import { startTime, type StartTime } from './clock.ts'
import { ambientScopeOfRequest, setContextHeaders } from './context-headers.ts'
import { existingServerSpan } from './existing-span.ts'
import type { IncomingContext } from './incoming-context.ts'
import { RequestRecord, attachRecord, recordOf } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import { NO_TELEMETRY } from './request-telemetry.ts'
import type { RouteFacts } from './route-facts.ts'
import { setRequestAttributes, type AttributeTarget } from './span-attributes.ts'

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
  const ambient = ambientScopeOfRequest(request, settings.options)
  // A server whose requests another instrumentation sees first serves them in a context of its.
  const active = context.active()
  const existing = active === ROOT_CONTEXT ? undefined : existingServerSpan(active, facts.route)
  const record = existing === undefined
    ? openRecord(request, facts, start, ambient, settings)
    : adoptSpan(existing, active, request, facts, start, ambient, settings)
  attachRecord(request.raw, record)
  return record
}

function openRecord (
  request: FastifyRequest, facts: RouteFacts, start: StartTime, ambient: AmbientScope, settings: RequestSettings
): RequestRecord {
  const incoming = settings.incoming.of(request)
  // What is called from a request without a span still continues the caller's trace.
  const span = facts.traced
    ? startServerSpan(request, facts, start, incoming, settings)
    : trace.getSpan(incoming.parent) ?? NO_TELEMETRY.span
  return new RequestRecord(request, facts, start, span, false, new RequestContext(incoming.parent, span, ambient), ambient, settings)
}

function adoptSpan (
  span: Span, parent: Context, request: FastifyRequest, facts: RouteFacts, start: StartTime, ambient: AmbientScope, settings: RequestSettings
): RequestRecord {
  span.updateName(facts.spanName)
  describeRequest(span, request, facts, settings)
  return new RequestRecord(request, facts, start, span, true, new RequestContext(parent, span, ambient), ambient, settings)
}

function startServerSpan (
  request: FastifyRequest, facts: RouteFacts, { wall }: StartTime, { parent, linked }: IncomingContext, settings: RequestSettings
): Span {
  const { tracer, options } = settings
  const attributes = options.samplerReadsAttributes ? collected(request, facts, settings) : undefined
  const span = tracer.startSpan(facts.spanName, {
    kind: SpanKind.SERVER,
    startTime: wall,
    ...(attributes !== undefined && { attributes }),
    ...(linked !== undefined && { links: [{ context: linked }] })
  }, parent)
  if (attributes === undefined && span.isRecording()) describeRequest(span, request, facts, settings)
  return span
}

function describeRequest (target: AttributeTarget, request: FastifyRequest, facts: RouteFacts, { options }: RequestSettings): void {
  setContextHeaders(target, request, options)
  setRequestAttributes(target, request, facts, options)
}

/** What would be set on a span, for a sampler that has to decide before there is one. */
function collected (request: FastifyRequest, facts: RouteFacts, settings: RequestSettings): Attributes {
  const attributes: Attributes = {}
  describeRequest({
    setAttribute (name, value) { attributes[name] = value },
    setAttributes (values) { for (const name of Object.keys(values)) attributes[name] = values[name] }
  }, request, facts, settings)
  return attributes
}
