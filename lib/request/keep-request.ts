import { TraceFlags, type Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import type { RequestOptions } from '../options.ts'
import { ATTR_LETTA_KEPT, KEPT_ERROR, KEPT_SLOW } from '../vocabulary/attributes.ts'
import { KEPT, type Keepable } from '../vocabulary/sampling.ts'
import { describedAttributes } from './describe-request.ts'
import type { Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'

/** A request that was not sampled, while it may still turn out to matter. */
export interface UnsampledRequest {
  /** Whether its span has everything that is known of it; else it is described if it is kept. */
  readonly isDescribed: boolean
}

const DESCRIBED: UnsampledRequest = Object.freeze({ isDescribed: true })
const UNDESCRIBED: UnsampledRequest = Object.freeze({ isDescribed: false })

/** @returns nothing for a request that is sampled, or whose span does not record */
export function unsampledRequest (span: Span, request: FastifyRequest, isDescribed: boolean): UnsampledRequest | undefined {
  if (!span.isRecording() || (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) return undefined
  if (isDescribed || !canBeDescribedLater(request)) return DESCRIBED
  // A socket knows its peer once it was asked, also after it closed.
  void request.raw.socket?.remoteAddress
  return UNDESCRIBED
}

/** An HTTP/2 request whose stream is gone throws when it is asked. */
function canBeDescribedLater ({ raw }: FastifyRequest): boolean {
  return raw.httpVersionMajor < 2
}

/**
 * Decides about a request that was not sampled and is over. Its span is marked for export if it failed or took long.
 *
 * @returns whether it is kept
 */
export function keepRequest (record: RequestRecord, options: RequestOptions, outcome: Outcome, nanoseconds: number): boolean {
  const reason = reasonToKeep(options.keep, outcome, nanoseconds)
  if (reason === undefined) return false
  const attributes = record.unsampled?.isDescribed === false ? describedAttributes(record.request, record.facts, options) : {}
  ;(record.span as Keepable)[KEPT] = { [ATTR_LETTA_KEPT]: reason, ...attributes }
  return true
}

function reasonToKeep (keep: RequestOptions['keep'], { errorType }: Outcome, nanoseconds: number): string | undefined {
  if (keep === undefined) return undefined
  if (keep.errors && errorType !== undefined) return KEPT_ERROR
  return nanoseconds > keep.slowerThanMs * 1e6 ? KEPT_SLOW : undefined
}
