import type { Attributes, Span } from '@opentelemetry/api'
import type { InstrumentFacts } from '../vocabulary/metrics.ts'

/** Instruments whose series can be kept, so that attributes are put together once for each set and not for each request. */
export interface SeriesMeter {
  /** Changes when series that were handed out are over and have to be asked for again. */
  readonly generation: number
  histogram (facts: InstrumentFacts): SeriesInstrument<HistogramSeries>
  counter (facts: InstrumentFacts): SeriesInstrument<CounterSeries>
}

export interface SeriesInstrument<Series> {
  /** The same series for the same attributes; past the cardinality limit one that all others share. */
  series (attributes: Attributes): Series
}

export interface HistogramSeries {
  /**
   * @param span in which the value was measured
   * @param time milliseconds since the epoch
   */
  record (value: number, span: Span, time: number): void
}

export interface CounterSeries {
  /** @param time milliseconds since the epoch */
  add (value: number, time: number): void
}
