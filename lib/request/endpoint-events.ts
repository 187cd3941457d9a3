import type { Counter, Histogram, Meter } from '@opentelemetry/api'
import { ERROR_TYPE_TIMEOUT } from '../vocabulary/attributes.ts'
import { ATTR_DISCONNECT_REASON, REQUEST_TIMEOUTS, SSE_DISCONNECTS, SSE_DURATION } from '../vocabulary/server-metrics.ts'
import { endpointAttributes } from './metric-attributes.ts'
import { isEventStream, type Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'

/** Fastify's, where a handler took longer than its `handlerTimeout`. */
const HANDLER_TIMEOUT = 'FST_ERR_HANDLER_TIMEOUT'

/** Counts what does not become of every request: event streams, and those that took too long. */
export class EndpointEvents {
  readonly #timeouts: Counter
  readonly #disconnects: Counter
  readonly #streamDuration: Histogram

  constructor (meter: Meter) {
    this.#timeouts = meter.createCounter(REQUEST_TIMEOUTS.name, REQUEST_TIMEOUTS)
    this.#disconnects = meter.createCounter(SSE_DISCONNECTS.name, SSE_DISCONNECTS)
    const { name, unit, description, boundaries = [] } = SSE_DURATION
    this.#streamDuration = meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } })
  }

  record (record: RequestRecord, outcome: Outcome, nanoseconds: number): void {
    if (!record.facts.endpointMeasured) return
    const { errorType } = outcome
    if (errorType === ERROR_TYPE_TIMEOUT || errorType === HANDLER_TIMEOUT) this.#timeouts.add(1, endpointAttributes(record, outcome))
    if (!isSession(record)) return
    const attributes = endpointAttributes(record, outcome)
    this.#streamDuration.record(nanoseconds / 1e6, attributes)
    if (errorType !== undefined) this.#disconnects.add(1, { ...attributes, [ATTR_DISCONNECT_REASON]: errorType })
  }
}

/** Most answers come whole and in one piece: of those nothing more is asked. */
function isSession ({ firstByteAfter, responseComplete, reply }: RequestRecord): boolean {
  if (firstByteAfter === undefined && responseComplete) return false
  return reply?.raw.headersSent === true && isEventStream(reply)
}
