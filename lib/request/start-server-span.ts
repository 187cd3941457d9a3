import { SpanKind, type Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import type { StartTime } from './clock.ts'
import { describeRequest, describedAttributes } from './describe-request.ts'
import type { IncomingContext } from './incoming-context.ts'
import { unsampledRequest, type UnsampledRequest } from './keep-request.ts'
import type { RequestSettings } from './request-settings.ts'
import type { RouteFacts } from './route-facts.ts'

/** A server span as it was started. */
export interface StartedSpan {
  readonly span: Span
  /** Where it was not sampled and may be kept. */
  readonly unsampled: UnsampledRequest | undefined
}

/**
 * Starts the server span of a request, and describes the request only if it is sampled, unless somebody looks at
 * attributes when a span starts.
 */
export function startServerSpan (
  request: FastifyRequest, facts: RouteFacts, { wall }: StartTime, { parent, linked }: IncomingContext, settings: RequestSettings
): StartedSpan {
  const { tracer, options, startWithAttributes } = settings
  const span = tracer.startSpan(facts.spanName, {
    kind: SpanKind.SERVER,
    startTime: wall,
    ...(startWithAttributes && { attributes: describedAttributes(request, facts, options) }),
    ...(linked !== undefined && { links: [{ context: linked }] })
  }, facts.sampling === undefined ? parent : facts.sampling.below(parent))
  const unsampled = options.keep === undefined ? undefined : unsampledRequest(span, request, startWithAttributes)
  if (!startWithAttributes && unsampled?.isDescribed !== false && span.isRecording()) describeRequest(span, request, facts, options)
  return { span, unsampled }
}
