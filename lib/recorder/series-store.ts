import type { Attributes, HrTime } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { AggregationTemporality } from '@opentelemetry/sdk-metrics'
import { attributeKey } from './attribute-key.ts'

/** What a store needs of the series that it holds. */
export interface StoredSeries {
  readonly attributes: Attributes
  /** Milliseconds since the epoch of the first recording; undefined where nothing was recorded. */
  readonly startTime: number | undefined
}

/** A series that is due to be reported. */
export interface CollectedSeries<Series> {
  readonly series: Series
  readonly startTime: HrTime
}

const OVERFLOW: Attributes = Object.freeze({ 'otel.metric.overflow': true })
const OVERFLOW_KEY = attributeKey(OVERFLOW)

/**
 * The series of one instrument, by attributes. Delta temporality begins with new ones after each collection; cumulative
 * ones are for good.
 */
export class SeriesStore<Series extends StoredSeries> {
  readonly #temporality: AggregationTemporality
  readonly #limit: number
  readonly #create: (attributes: Attributes) => Series
  #series = new Map<string, Series>()
  /** What was reported last, whose next points begin where those ended. */
  #reported: ReadonlySet<string> = new Set()
  #collectedAt: HrTime = [0, 0]

  /** @param limit series at most, the one for what comes after included */
  constructor (temporality: AggregationTemporality, limit: number, create: (attributes: Attributes) => Series) {
    this.#temporality = temporality
    this.#limit = limit
    this.#create = create
  }

  /**
   * The series of `attributes`; past the limit the one that all others share. Unlike the SDK's, the limit of cumulative
   * series holds for the life of the process, as the specification has it: the SDK keeps as many new ones each time.
   */
  series (attributes: Attributes): Series {
    const key = attributeKey(attributes)
    const found = this.#series.get(key)
    if (found !== undefined) return found
    if (this.#series.size < this.#limit - 1) return this.#add(key, attributes)
    return this.#series.get(OVERFLOW_KEY) ?? this.#add(OVERFLOW_KEY, OVERFLOW)
  }

  #add (key: string, attributes: Attributes): Series {
    const series = this.#create(attributes)
    this.#series.set(key, series)
    return series
  }

  /** What is to be reported at `time`, in the order in which it was first recorded. */
  collect (time: HrTime): Array<CollectedSeries<Series>> {
    const collected: Array<CollectedSeries<Series>> = []
    const reported = new Set<string>()
    for (const [key, series] of this.#series) {
      if (series.startTime === undefined) continue
      const startTime = this.#reported.has(key) ? this.#collectedAt : millisToHrTime(series.startTime)
      collected.push({ series, startTime })
      reported.add(key)
    }
    if (this.#temporality === AggregationTemporality.DELTA) {
      this.#reported = reported
      this.#collectedAt = time
      if (collected.length > 0) this.#series = new Map()
    }
    return collected
  }
}
