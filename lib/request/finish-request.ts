import { SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_LETTA_HTTP_STATUS_CODE, ATTR_LETTA_TTFB_MS
} from '../vocabulary/attributes.ts'
import { nanosecondsSince, timeAfter } from './clock.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { recordedException } from './recorded-exception.ts'
import type { RequestRecord } from './request-record.ts'
import type { RequestSettings } from './request-settings.ts'
import { capturedAttributes } from './span-attributes.ts'

/**
 * Finishes a request, once: its span ends and its duration is recorded, both from one reading of the clock. The first
 * caller wins: `onResponse`, or the response's `close` where that hook does not run. A fault in one part leaves the
 * others.
 */
export function finishRequest (record: RequestRecord, settings: RequestSettings): void {
  if (record.finished) return
  record.finished = true
  const nanoseconds = nanosecondsSince(record.start)
  const endTime = timeAfter(record.start, nanoseconds)
  let outcome = UNKNOWN_OUTCOME
  guarded(settings, () => { outcome = outcomeOf(record, settings.options.isError) })
  guarded(settings, () => { if (record.span.isRecording()) describeEnd(record, outcome, endTime, settings) })
  guarded(settings, () => { if (record.ownsSpan) record.span.end(endTime) })
  guarded(settings, () => { settings.durations.record(record, outcome, nanoseconds) })
}

/** Where what is known of a request cannot be read. */
const UNKNOWN_OUTCOME: Outcome = Object.freeze({ statusCode: undefined, errorType: undefined, exception: undefined })

/** Nothing may reach the event that this runs in: it would end the process. */
function guarded ({ onFault }: RequestSettings, work: () => void): void {
  try {
    work()
  } catch (fault) {
    onFault(fault)
  }
}

function describeEnd (record: RequestRecord, outcome: Outcome, endTime: HrTime, { options }: RequestSettings): void {
  const { span } = record
  span.setAttributes(finalAttributes(record, outcome, options.semantics))
  if (outcome.errorType !== undefined) {
    if (outcome.exception instanceof Error) span.recordException(recordedException(outcome.exception), endTime)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.setAttributes(capturedAttributes(record.request, record.reply, options))
}

function finalAttributes (record: RequestRecord, { statusCode, errorType }: Outcome, semantics: RequestSettings['options']['semantics']): Attributes {
  const attributes: Attributes = record.ambient.added()
  if (statusCode !== undefined) {
    if (semantics !== 'letta') attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = statusCode
    if (semantics !== 'stable') attributes[ATTR_LETTA_HTTP_STATUS_CODE] = statusCode
  }
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType
  if (record.firstByteAfter !== undefined) attributes[ATTR_LETTA_TTFB_MS] = record.firstByteAfter / 1e6
  return attributes
}
