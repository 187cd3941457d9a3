import { ROOT_CONTEXT, context, trace, type Context, type Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import type { AmbientScope } from '../ambient/context-attributes.ts'
import { RequestContext } from '../ambient/request-context.ts'
import { startTime, type StartTime } from './clock.ts'
import { ambientScopeOfRequest } from './context-headers.ts'
import { describeRequest } from './describe-request.ts'
import { existingServerSpan } from './existing-span.ts'
import { RequestRecord, attachRecord, recordOf } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import { NO_TELEMETRY } from './request-telemetry.ts'
import type { RouteFacts } from './route-facts.ts'
import { startServerSpan } from './start-server-span.ts'

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
  // Where another instrumentation sees requests first, it serves them in a context of its own.
  const active = context.active()
  const existing = active === ROOT_CONTEXT ? undefined : existingServerSpan(active, facts.route)
  const record = existing === undefined
    ? openSpan(request, facts, start, ambient, settings)
    : adoptSpan(existing, active, request, facts, start, ambient, settings)
  attachRecord(request.raw, record)
  if (facts.measured) settings.underWay?.add(record)
  return record
}

function openSpan (
  request: FastifyRequest, facts: RouteFacts, start: StartTime, ambient: AmbientScope, settings: RequestSettings
): RequestRecord {
  const incoming = settings.incoming.of(request)
  const { parent } = incoming
  if (!facts.traced) {
    // What is called from here still continues the caller's trace.
    const span = trace.getSpan(parent) ?? NO_TELEMETRY.span
    return new RequestRecord(request, facts, start, span, false, new RequestContext(parent, span, ambient), ambient, settings)
  }
  const { span, unsampled } = startServerSpan(request, facts, start, incoming, settings)
  const record = new RequestRecord(request, facts, start, span, false, new RequestContext(parent, span, ambient), ambient, settings)
  record.unsampled = unsampled
  return record
}

function adoptSpan (
  span: Span, parent: Context, request: FastifyRequest, facts: RouteFacts, start: StartTime, ambient: AmbientScope, settings: RequestSettings
): RequestRecord {
  span.updateName(facts.spanName)
  describeRequest(span, request, facts, settings.options)
  return new RequestRecord(request, facts, start, span, true, new RequestContext(parent, span, ambient), ambient, settings)
}
