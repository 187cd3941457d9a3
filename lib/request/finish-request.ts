import { SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_LETTA_HTTP_STATUS_CODE, ATTR_LETTA_TTFB_MS
} from '../vocabulary/attributes.ts'
import { nanosecondsSince, timeAfter } from './clock.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import { capturedAttributes } from './span-attributes.ts'

/**
 * Finishes a request, once: its span ends and its duration is recorded, both from one reading of the clock. The first
 * caller wins: `onResponse`, or the response's `close` where that hook does not run.
 */
export function finishRequest (record: RequestRecord, settings: RequestSettings): void {
  if (record.finished) return
  record.finished = true
  const nanoseconds = nanosecondsSince(record.start)
  const endTime = timeAfter(record.start, nanoseconds)
  try {
    const outcome = outcomeOf(record, settings.options.isError)
    describeEnd(record, outcome, endTime, settings)
    settings.durations.record(record, outcome, nanoseconds)
  } catch (fault) {
    settings.onFault(fault)
  } finally {
    if (record.ownsSpan) record.span.end(endTime)
  }
}

function describeEnd (record: RequestRecord, outcome: Outcome, endTime: HrTime, { options }: RequestSettings): void {
  const { span } = record
  if (!span.isRecording()) return
  span.setAttributes(finalAttributes(record, outcome, options.semantics))
  span.setAttributes(capturedAttributes(record.request, record.reply, options))
  if (outcome.errorType === undefined) return
  if (outcome.exception instanceof Error) span.recordException(outcome.exception, endTime)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

function finalAttributes (record: RequestRecord, { statusCode, errorType }: Outcome, semantics: RequestSettings['options']['semantics']): Attributes {
  const attributes: Attributes = { ...record.ambient.attributes }
  if (statusCode !== undefined) {
    if (semantics !== 'letta') attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = statusCode
    if (semantics !== 'stable') attributes[ATTR_LETTA_HTTP_STATUS_CODE] = statusCode
  }
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType
  if (record.firstByteAfter !== undefined) attributes[ATTR_LETTA_TTFB_MS] = record.firstByteAfter / 1e6
  return attributes
}
