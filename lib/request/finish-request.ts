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
  const end: RequestEnd = { record, settings, nanoseconds, time: timeAfter(record.start, nanoseconds), outcome: UNKNOWN_OUTCOME }
  for (const part of PARTS) {
    try {
      part(end)
    } catch (fault) {
      // Nothing may reach the event that this runs in: it would end the process.
      settings.onFault(fault)
    }
  }
}

/** The end of a request, while it is worked out. */
interface RequestEnd {
  readonly record: RequestRecord
  readonly settings: RequestSettings
  readonly nanoseconds: number
  readonly time: HrTime
  outcome: Outcome
}

/** Where what is known of a request cannot be read. */
const UNKNOWN_OUTCOME: Outcome = Object.freeze({ statusCode: undefined, errorType: undefined, exception: undefined })

const PARTS: ReadonlyArray<(end: RequestEnd) => void> = [decideOutcome, describeEnd, endSpan, recordDuration]

function decideOutcome (end: RequestEnd): void {
  end.outcome = outcomeOf(end.record, end.settings.options.isError)
}

function describeEnd ({ record, settings: { options }, outcome, time }: RequestEnd): void {
  const { span } = record
  if (!span.isRecording()) return
  span.setAttributes(finalAttributes(record, outcome, options.semantics))
  if (outcome.errorType !== undefined) {
    if (outcome.exception instanceof Error) span.recordException(recordedException(outcome.exception), time)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.setAttributes(capturedAttributes(record.request, record.reply, options))
}

function endSpan ({ record, time }: RequestEnd): void {
  if (record.ownsSpan) record.span.end(time)
}

function recordDuration ({ record, settings, outcome, nanoseconds }: RequestEnd): void {
  settings.durations.record(record, outcome, nanoseconds)
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
