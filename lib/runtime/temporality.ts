import { AggregationTemporality, InstrumentType, type AggregationTemporalitySelector } from '@opentelemetry/sdk-metrics'
import type { RuntimeOptions } from '../options.ts'

/** Instruments that report differences under each preference (OTLP exporter specification); the rest are cumulative. */
const DELTA_INSTRUMENTS: Readonly<Record<RuntimeOptions['temporality'], readonly InstrumentType[]>> = {
  cumulative: [],
  delta: [InstrumentType.COUNTER, InstrumentType.OBSERVABLE_COUNTER, InstrumentType.HISTOGRAM, InstrumentType.GAUGE, InstrumentType.OBSERVABLE_GAUGE],
  lowmemory: [InstrumentType.COUNTER, InstrumentType.HISTOGRAM]
}

export function temporalitySelector (preference: RuntimeOptions['temporality']): AggregationTemporalitySelector {
  return instrument => DELTA_INSTRUMENTS[preference].includes(instrument)
    ? AggregationTemporality.DELTA
    : AggregationTemporality.CUMULATIVE
}
