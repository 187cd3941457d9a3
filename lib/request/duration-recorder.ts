import type { Counter, Histogram, Meter } from '@opentelemetry/api'
import type { RequestOptions } from '../options.ts'
import { ENDPOINT_E2E, ENDPOINT_REQUESTS, HTTP_SERVER_REQUEST_DURATION, type InstrumentFacts } from '../vocabulary/metrics.ts'
import { durationAttributes, endpointAttributes } from './metric-attributes.ts'
import { isStream, type Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'
import { SeriesDurationRecorder } from './series-duration-recorder.ts'
import type { SeriesMeter } from './series-instruments.ts'

/** Records how long a finished request took. */
export interface DurationRecorder {
  record (record: RequestRecord, outcome: Outcome, nanoseconds: number): void
}

/** The quicker way where there is one, or any OpenTelemetry meter. */
export function durationRecorder (series: SeriesMeter | undefined, meter: Meter, options: RequestOptions): DurationRecorder {
  return series === undefined ? new MeterDurationRecorder(meter, options) : new SeriesDurationRecorder(series, options)
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
