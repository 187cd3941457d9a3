import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import {
  AggregationTemporality, DataPointType, InstrumentType,
  type AggregationTemporalitySelector, type DataPoint, type Histogram, type MetricData, type MetricDescriptor
} from '@opentelemetry/sdk-metrics'
import type { ExemplarFilter, InstrumentFacts } from '../vocabulary/metrics.ts'
import { EXEMPLAR_IDS, type Exemplar } from './bucket-exemplars.ts'
import { CounterSeries } from './counter-series.ts'
import { HistogramSeries } from './histogram-series.ts'
import { SeriesStore, type CollectedSeries, type StoredSeries } from './series-store.ts'

/** How instruments accumulate. */
export interface SeriesMeterOptions {
  readonly temporality: AggregationTemporalitySelector
  /** Attribute sets that an instrument may hold. */
  readonly cardinalityLimit: number
  /** @default 'trace_based' */
  readonly exemplarFilter?: ExemplarFilter
}

/** A point of a histogram with examples of what it counts. */
export interface HistogramPoint extends DataPoint<Histogram> {
  readonly exemplars?: readonly Exemplar[]
}

interface Instrument {
  readonly store: SeriesStore<StoredSeries>
  collect (time: HrTime): MetricData | undefined
}

/** What metrics of every type have. */
type MetricFacts = Pick<MetricData, 'descriptor' | 'aggregationTemporality'>

/**
 * Instruments of one scope that hand out their series: who records often keeps the series, and needs no attributes after
 * that. An instrument, and each of its series, is the same for everyone who asks.
 */
export class SeriesMeter {
  readonly scope: InstrumentationScope
  /** Changes when series that were handed out are over: what is recorded on them after that is lost. */
  generation = 0
  readonly #options: SeriesMeterOptions
  readonly #instruments = new Map<string, Instrument>()

  constructor (scope: InstrumentationScope, options: SeriesMeterOptions) {
    this.scope = scope
    this.#options = options
  }

  histogram (facts: InstrumentFacts): SeriesStore<HistogramSeries> {
    const boundaries = facts.boundaries ?? []
    const exemplarIds = EXEMPLAR_IDS[this.#options.exemplarFilter ?? 'trace_based']
    return this.#store(
      facts, InstrumentType.HISTOGRAM, attributes => new HistogramSeries(attributes, boundaries, exemplarIds),
      (metric, collected, endTime) => ({
        ...metric,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: collected.map(({ series, startTime }): HistogramPoint => (
          { attributes: series.attributes, startTime, endTime, value: series.value, exemplars: series.takeExemplars() }))
      }))
  }

  counter (facts: InstrumentFacts): SeriesStore<CounterSeries> {
    return this.#store(
      facts, InstrumentType.COUNTER, attributes => new CounterSeries(attributes),
      (metric, collected, endTime) => ({
        ...metric,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: collected.map(({ series: { attributes, value }, startTime }) => ({ attributes, startTime, endTime, value }))
      }))
  }

  /** The instruments that have something to report at `time`. */
  collect (time: HrTime): MetricData[] {
    const metrics: MetricData[] = []
    for (const instrument of this.#instruments.values()) {
      const metric = instrument.collect(time)
      if (metric !== undefined) metrics.push(metric)
    }
    if (metrics.some(metric => metric.aggregationTemporality === AggregationTemporality.DELTA)) this.generation++
    return metrics
  }

  #store<Series extends StoredSeries> (
    facts: InstrumentFacts, type: InstrumentType, create: (attributes: Attributes) => Series,
    describe: (metric: MetricFacts, collected: ReadonlyArray<CollectedSeries<Series>>, time: HrTime) => MetricData
  ): SeriesStore<Series> {
    const known = this.#instruments.get(facts.name)
    // A name belongs to one kind of instrument: facts with it are made in one place.
    if (known !== undefined) return known.store as SeriesStore<Series>
    const aggregationTemporality = this.#options.temporality(type)
    const metric = { descriptor: descriptorOf(facts), aggregationTemporality }
    const store = new SeriesStore(aggregationTemporality, this.#options.cardinalityLimit, create)
    this.#instruments.set(facts.name, {
      store,
      collect (time) {
        const collected = store.collect(time)
        return collected.length === 0 ? undefined : describe(metric, collected, time)
      }
    })
    return store
  }
}

function descriptorOf ({ name, unit, description }: InstrumentFacts): MetricDescriptor {
  return { name, unit, description, valueType: ValueType.DOUBLE }
}
