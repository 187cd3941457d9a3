import type { Attributes } from '@opentelemetry/api'
import type { RequestOptions } from '../options.ts'
import { CARDINALITY_LIMIT, ENDPOINT_E2E, ENDPOINT_REQUESTS, HTTP_SERVER_REQUEST_DURATION } from '../vocabulary/metrics.ts'
import type { DurationRecorder } from './duration-recorder.ts'
import { durationAttributes, endpointAttributes } from './metric-attributes.ts'
import { isStream, type Outcome } from './outcome.ts'
import type { RequestRecord } from './request-record.ts'
import { SeriesCache, type SeriesCacheNode } from './series-cache.ts'
import type { CounterSeries, HistogramSeries, SeriesInstrument, SeriesMeter } from './series-instruments.ts'

/** Both endpoint instruments for one attribute set. */
interface EndpointSeries {
  readonly attributes: Attributes
  readonly requests: CounterSeries
  /** Streams alone may never get one. */
  duration: HistogramSeries | undefined
}

/** Records on series that it keeps: attributes are put together for the first request of each kind only. */
export class SeriesDurationRecorder implements DurationRecorder {
  readonly #streamsAreMeasured: boolean
  readonly #meter: SeriesMeter
  readonly #duration: SeriesInstrument<HistogramSeries>
  readonly #endpointDuration: SeriesInstrument<HistogramSeries>
  readonly #endpointRequests: SeriesInstrument<CounterSeries>
  #generation: number
  #durations = new SeriesCache<HistogramSeries>(CARDINALITY_LIMIT)
  #endpoints = new SeriesCache<EndpointSeries>(CARDINALITY_LIMIT)

  constructor (meter: SeriesMeter, { endpointMetrics }: RequestOptions) {
    this.#streamsAreMeasured = endpointMetrics === false || endpointMetrics.streams === 'include'
    this.#meter = meter
    this.#generation = meter.generation
    this.#duration = meter.histogram(HTTP_SERVER_REQUEST_DURATION)
    this.#endpointDuration = meter.histogram(ENDPOINT_E2E)
    this.#endpointRequests = meter.counter(ENDPOINT_REQUESTS)
  }

  record (record: RequestRecord, outcome: Outcome, nanoseconds: number): void {
    const { facts, span } = record
    if (!facts.measured) return
    if (this.#generation !== this.#meter.generation) this.#forget()
    const time = Date.now()
    // The instrumentation whose span was adopted records this metric itself.
    if (!record.adopted) this.#durationSeries(record, outcome).record(nanoseconds / 1e9, span, time)
    if (!facts.endpointMeasured) return
    const series = this.#endpointSeries(record, outcome)
    series.requests.add(1, time)
    if (!this.#streamsAreMeasured && isStream(record)) return
    series.duration ??= this.#endpointDuration.series(series.attributes)
    series.duration.record(nanoseconds / 1e6, span, time)
  }

  #forget (): void {
    this.#generation = this.#meter.generation
    this.#durations = new SeriesCache(CARDINALITY_LIMIT)
    this.#endpoints = new SeriesCache(CARDINALITY_LIMIT)
  }

  #durationSeries (record: RequestRecord, outcome: Outcome): HistogramSeries {
    const { facts, scheme, request: { raw: { httpVersion } } } = record
    const { statusCode, errorType } = outcome
    const { root } = this.#durations
    const found = root.find(facts)?.find(statusCode)?.find(errorType)?.find(httpVersion)?.find(scheme)?.series
    if (found !== undefined) return found
    const series = this.#duration.series(durationAttributes(record, outcome))
    if (this.#durations.claim()) root.grow(facts).grow(statusCode).grow(errorType).grow(httpVersion).grow(scheme).series = series
    return series
  }

  #endpointSeries (record: RequestRecord, outcome: Outcome): EndpointSeries {
    const { facts, ambient } = record
    const { root } = this.#endpoints
    let found = root.find(facts)?.find(outcome.statusCode)
    for (const name in ambient.attributes) found = found?.find(name)?.find(ambient.attributes[name])
    if (found?.series !== undefined) return found.series
    const attributes = endpointAttributes(record, outcome)
    const series: EndpointSeries = { attributes, requests: this.#endpointRequests.series(attributes), duration: undefined }
    if (this.#endpoints.claim()) this.#grow(root, record, outcome).series = series
    return series
  }

  #grow (root: SeriesCacheNode<EndpointSeries>, { facts, ambient }: RequestRecord, { statusCode }: Outcome): SeriesCacheNode<EndpointSeries> {
    let node = root.grow(facts).grow(statusCode)
    for (const name in ambient.attributes) node = node.grow(name).grow(ambient.attributes[name])
    return node
  }
}
