import { SpanStatusCode, type HrTime } from '@opentelemetry/api'
import { CLIENT_DISCONNECTED, CLIENT_SERVED } from '../ambient/context-attributes.ts'
import { ATTR_ERROR_TYPE, ATTR_LETTA_TTFB_MS, ERROR_TYPE_CLIENT_DISCONNECTED } from '../vocabulary/attributes.ts'
import { nanosecondsSince, timeAfter } from './clock.ts'
import { keepRequest } from './keep-request.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { recordedException } from './recorded-exception.ts'
import type { RequestRecord } from './request-record.ts'
import { setCapturedAttributes } from './span-attributes.ts'

/**
 * Finishes a request, once: its span ends and its duration is recorded, both from one reading of the clock. The first
 * caller wins: the response's `finish`, or its `close` where it never finished. A fault in one part leaves the others.
 */
export function finishRequest (record: RequestRecord): void {
  if (record.finished) return
  record.finished = true
  record.settings.underWay?.remove(record)
  record.waiting?.delete(record)
  const nanoseconds = nanosecondsSince(record.start)
  const end: RequestEnd = { record, nanoseconds, time: timeAfter(record.start, nanoseconds), outcome: UNKNOWN_OUTCOME }
  for (const part of PARTS) {
    try {
      part(end)
    } catch (fault) {
      // Nothing may reach the event that this runs in: it would end the process.
      record.settings.onFault(fault)
    }
  }
}

/** The end of a request, while it is worked out. */
interface RequestEnd {
  readonly record: RequestRecord
  readonly nanoseconds: number
  readonly time: HrTime
  outcome: Outcome
}

/** Where what is known of a request cannot be read. */
const UNKNOWN_OUTCOME: Outcome = Object.freeze({ statusCode: undefined, errorType: undefined, exception: undefined })

const PARTS: ReadonlyArray<(end: RequestEnd) => void> = [decideOutcome, describeEnd, endSpan, recordDuration, recordEvents, releaseRequest]

function decideOutcome (end: RequestEnd): void {
  end.outcome = outcomeOf(end.record, end.record.settings.options.isError)
}

function describeEnd ({ record, outcome, time, nanoseconds }: RequestEnd): void {
  const { span, ambient, firstByteAfter, settings: { options, statuses } } = record
  if (!span.isRecording()) return
  if (record.unsampled !== undefined && !keepRequest(record, options, outcome, nanoseconds)) return
  const { statusCode, errorType, exception } = outcome
  if (ambient.hasChanged) span.setAttributes(ambient.added())
  if (statusCode !== undefined) span.setAttributes(statuses.attributes(statusCode))
  if (firstByteAfter !== undefined) span.setAttribute(ATTR_LETTA_TTFB_MS, firstByteAfter / 1e6)
  if (errorType !== undefined) {
    span.setAttribute(ATTR_ERROR_TYPE, errorType)
    if (exception instanceof Error) span.recordException(recordedException(exception), time)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  setCapturedAttributes(span, record.request, record.reply, options)
}

function endSpan ({ record, time }: RequestEnd): void {
  if (record.ownsSpan) record.span.end(time)
}

function recordDuration ({ record, outcome, nanoseconds }: RequestEnd): void {
  record.settings.durations.record(record, outcome, nanoseconds)
}

function recordEvents ({ record, outcome, nanoseconds }: RequestEnd): void {
  record.settings.events?.record(record, outcome, nanoseconds)
}

/**
 * A connection that is kept alive holds the context of its last request, through the timer that Node sets for it, and
 * every work that outlives its request does so too. They need who asked, and not the request and its response.
 */
function releaseRequest ({ record, outcome }: RequestEnd): void {
  // An HTTP/2 response that was cut off says that it is finished, too.
  const isGone = record.disconnected || outcome.errorType === ERROR_TYPE_CLIENT_DISCONNECTED
  record.ambient.client = isGone ? CLIENT_DISCONNECTED : CLIENT_SERVED
}
