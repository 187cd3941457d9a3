import { AggregationTemporalityPreference, OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { InstrumentType } from '@opentelemetry/sdk-metrics'
import t from 'tap'
import { temporalitySelector } from '../../lib/runtime/temporality.ts'

const PREFERENCES = {
  delta: AggregationTemporalityPreference.DELTA,
  cumulative: AggregationTemporalityPreference.CUMULATIVE,
  lowmemory: AggregationTemporalityPreference.LOWMEMORY
}

for (const preference of ['delta', 'cumulative', 'lowmemory'] as const) {
  t.test(`${preference} is what the official exporter makes of it, for every instrument`, async t => {
    const exporter = new OTLPMetricExporter({ temporalityPreference: PREFERENCES[preference] })
    const instruments = Object.values(InstrumentType)
    t.equal(instruments.length, 7)
    const selector = temporalitySelector(preference)
    for (const instrument of instruments) t.equal(selector(instrument), exporter.selectAggregationTemporality(instrument), instrument)
    await exporter.shutdown()
  })
}
