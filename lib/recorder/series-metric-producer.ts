import { millisToHrTime, type InstrumentationScope } from '@opentelemetry/core'
import type { CollectionResult, MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { SeriesMeter, type SeriesMeterOptions } from './series-meter.ts'

/** Gives what its meters accumulate to the one reader of the SDK that collects it. */
export class SeriesMetricProducer implements MetricProducer {
  readonly #resource: ResourceMetrics['resource']
  readonly #options: SeriesMeterOptions
  readonly #meters: SeriesMeter[] = []

  constructor (resource: ResourceMetrics['resource'], options: SeriesMeterOptions) {
    this.#resource = resource
    this.#options = options
  }

  meter (scope: InstrumentationScope): SeriesMeter {
    let meter = this.#meters.find(({ scope: { name, version } }) => name === scope.name && version === scope.version)
    if (meter === undefined) this.#meters.push(meter = new SeriesMeter(scope, this.#options))
    return meter
  }

  async collect (): Promise<CollectionResult> {
    const time = millisToHrTime(Date.now())
    const scopeMetrics = this.#meters
      .map(meter => ({ scope: meter.scope, metrics: meter.collect(time) }))
      .filter(({ metrics }) => metrics.length > 0)
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors: [] }
  }
}
