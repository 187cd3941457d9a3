import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api'
import type { RequestOptions } from '../options.ts'
import {
  ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION, ATTR_URL_SCHEME
} from '../vocabulary/attributes.ts'
import {
  ATTR_ENDPOINT_METHOD, ATTR_ENDPOINT_PATH, ATTR_ENDPOINT_STATUS_CODE, ENDPOINT_E2E, ENDPOINT_REQUESTS,
  HTTP_SERVER_REQUEST_DURATION, UNKNOWN_ENDPOINT, type InstrumentFacts
} from '../vocabulary/metrics.ts'
import { isStream, type Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'
import { protocolVersion } from './connection-attributes.ts'

/** Records how long a finished request took. */
export interface DurationRecorder {
  record (record: RequestRecord, outcome: Outcome, nanoseconds: number): void
}

/** Records on instruments of any OpenTelemetry meter. */
export class MeterDurationRecorder implements DurationRecorder {
  readonly #streamsAreMeasured: boolean
  readonly #duration: Histogram
  readonly #endpointDuration: Histogram
  readonly #endpointRequests: Counter

  constructor (meter: Meter, { endpointMetrics }: RequestOptions) {
    this.#streamsAreMeasured = endpointMetrics === false || endpointMetrics.streams === 'include'
    this.#duration = histogram(meter, HTTP_SERVER_REQUEST_DURATION)
    this.#endpointDuration = histogram(meter, ENDPOINT_E2E)
    this.#endpointRequests = meter.createCounter(ENDPOINT_REQUESTS.name, ENDPOINT_REQUESTS)
  }

  record (record: RequestRecord, outcome: Outcome, nanoseconds: number): void {
    const { facts } = record
    if (!facts.measured) return
    // The instrumentation whose span was adopted records this metric itself.
    if (!record.adopted) this.#duration.record(nanoseconds / 1e9, durationAttributes(record, outcome))
    if (!facts.endpointMeasured) return
    const attributes = endpointAttributes(record, outcome)
    this.#endpointRequests.add(1, attributes)
    if (this.#streamsAreMeasured || !isStream(record)) this.#endpointDuration.record(nanoseconds / 1e6, attributes)
  }
}

function histogram (meter: Meter, { name, unit, description, boundaries }: InstrumentFacts): Histogram {
  return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries ?? [] } })
}

function durationAttributes ({ request, facts, scheme }: RequestRecord, { statusCode, errorType }: Outcome): Attributes {
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: facts.method,
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_NETWORK_PROTOCOL_VERSION]: protocolVersion(request.raw.httpVersion)
  }
  if (facts.route !== undefined) attributes[ATTR_HTTP_ROUTE] = facts.route
  if (statusCode !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = statusCode
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType
  return attributes
}

function endpointAttributes ({ ambient, facts }: RequestRecord, { statusCode }: Outcome): Attributes {
  const attributes: Attributes = {
    ...ambient.attributes,
    [ATTR_ENDPOINT_PATH]: facts.route ?? UNKNOWN_ENDPOINT,
    [ATTR_ENDPOINT_METHOD]: facts.method
  }
  if (statusCode !== undefined) attributes[ATTR_ENDPOINT_STATUS_CODE] = statusCode
  return attributes
}
