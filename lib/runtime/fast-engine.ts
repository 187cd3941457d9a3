import { ExportResultCode } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader, type IMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { Carrier } from '../export/carrier.ts'
import { restOf } from '../export/closing-time.ts'
import { withinTime } from '../export/within-time.ts'
import type { RuntimeOptions } from '../options.ts'
import { MetricsEncoder } from '../recorder/encode-metrics.ts'
import { FastTracerProvider, type SpanChunkSink } from '../recorder/fast-tracer-provider.ts'
import type { SeriesMeter } from '../recorder/series-meter.ts'
import { SeriesMetricProducer } from '../recorder/series-metric-producer.ts'
import { DEFAULT_SPAN_LIMITS } from '../recorder/span-limits.ts'
import { ATTR_LETTA_VERSION } from '../vocabulary/attributes.ts'
import { CARDINALITY_LIMIT } from '../vocabulary/metrics.ts'
import { countDataPoints } from './data-points.ts'
import type { Engine } from './engine.ts'
import { finishedFastSpan } from './finished-fast-span.ts'
import { MemoryDestination } from './memory-destination.ts'
import { openCarrier, spanAgeMs } from './open-carrier.ts'
import type { Report } from './reporter.ts'
import { routeSampler } from './route-sampler.ts'
import { headSampling } from './sampler.ts'
import { observeSelf } from './self-metrics.ts'
import { spanLimits } from './span-limits.ts'
import { carrierStats, mainThreadStats, type EngineStats } from './telemetry-stats.ts'
import { temporalitySelector } from './temporality.ts'

/** Milliseconds for whoever flushes or stops through the tracer provider and names no time: as long as the SDK has for an export. */
const PROVIDER_TIMEOUT_MS = 30_000
/** Share of a time that collecting metrics may take. */
const COLLECTING_SHARE = 0.25
/** Milliseconds that it may take at most. */
const COLLECTING_MAX_MS = 5_000

/**
 * Encodes each span to OTLP when it ends, and has a worker thread carry it: batch, compress, send, retry, and keep it on
 * the disk while the endpoint is away; or write it to files. Metrics come from the SDK, but for those of every request,
 * which are accumulated here.
 */
export class FastEngine implements Engine {
  readonly tracerProvider: FastTracerProvider
  readonly meterProvider: MeterProvider
  readonly location: string
  readonly memory?: MemoryDestination
  readonly carrier?: Carrier
  /** Nothing where nobody is sent metrics. */
  readonly #series: SeriesMetricProducer | undefined

  constructor (options: RuntimeOptions, resource: Resource, report: Report) {
    const { carrier, location, endpoints } = openCarrier(options, resource, report)
    const memory = options.destination === 'memory' ? new MemoryDestination(options) : undefined
    if (memory !== undefined) this.memory = memory
    if (carrier !== undefined) this.carrier = carrier
    this.location = location
    const { signals } = options
    this.tracerProvider = new FastTracerProvider({
      sampler: options.sampler === undefined ? undefined : routeSampler(options, report),
      head: headSampling(options, report),
      limits: { ...DEFAULT_SPAN_LIMITS, ...spanLimits() },
      maxAgeMs: spanAgeMs(options),
      forceFlush: async () => await this.flush(PROVIDER_TIMEOUT_MS),
      shutdown: async () => await this.shutdown(PROVIDER_TIMEOUT_MS),
      sink: signals.traces && carrier !== undefined ? spanSink(carrier) : undefined,
      onEnd: signals.traces && memory !== undefined ? (span, scope) => { memory.keep(finishedFastSpan(span, scope, resource)) } : undefined
    })
    this.#series = signals.metrics && carrier !== undefined
      ? new SeriesMetricProducer(resource, {
        temporality: temporalitySelector(options.temporality), cardinalityLimit: CARDINALITY_LIMIT, exemplarFilter: options.exemplarFilter
      })
      : undefined
    this.meterProvider = new MeterProvider({ resource, readers: signals.metrics ? metricReaders(options, carrier, this.#series, memory) : [] })
    if (carrier !== undefined) {
      const toFiles = options.destination === 'files'
      observeSelf(this.meterProvider, resource.attributes[ATTR_LETTA_VERSION]?.toString(), { engine: this, spans: this.tracerProvider, endpoints, toFiles })
    }
  }

  get stats (): EngineStats {
    const { waiting, counts } = this.tracerProvider
    return this.carrier === undefined ? mainThreadStats() : carrierStats(this.carrier.stats, { waiting, invalid: counts.invalid })
  }

  seriesMeter (name: string, version: string | undefined): SeriesMeter | undefined {
    return this.#series?.meter(version === undefined ? { name } : { name, version })
  }

  async flush (timeoutMs: number): Promise<boolean> {
    const start = performance.now()
    const collected = await this.#handOver(timeoutMs, async () => { await this.meterProvider.forceFlush() })
    return await (this.carrier?.flush(restOf(timeoutMs, start)) ?? true) && collected
  }

  async shutdown (timeoutMs: number): Promise<boolean> {
    const start = performance.now()
    const collected = await this.#handOver(timeoutMs, async () => {
      await this.meterProvider.forceFlush()
      await this.meterProvider.shutdown()
    })
    return await (this.carrier?.close(restOf(timeoutMs, start)) ?? true) && collected
  }

  /**
   * Gives the carrier what is still being filled. Metrics ask callbacks of the application's, which may never answer:
   * what was recorded before does not wait for them.
   */
  async #handOver (timeoutMs: number, collect: () => Promise<void>): Promise<boolean> {
    this.tracerProvider.handOver()
    return await withinTime(collect(), timeoutMs * COLLECTING_SHARE)
  }
}

function spanSink (carrier: Carrier): SpanChunkSink {
  return {
    take ({ scope, spans, count }) { carrier.take({ signal: 'traces', scope, items: spans, count }) },
    spareMemory: () => carrier.spareMemory?.()
  }
}

function metricReaders (
  options: RuntimeOptions, carrier: Carrier | undefined, series: SeriesMetricProducer | undefined, memory: MemoryDestination | undefined
): IMetricReader[] {
  if (memory !== undefined) return [memory.metricReader]
  if (carrier === undefined || series === undefined) return []
  return [new PeriodicExportingMetricReader({
    metricProducers: [series],
    exporter: metricExporter(carrier, options),
    exportIntervalMillis: options.exportIntervalMs,
    // To export takes no time here: this bounds callbacks of the application's, and how long they may keep a process alive.
    exportTimeoutMillis: Math.min(COLLECTING_MAX_MS, options.exportIntervalMs),
    cardinalityLimits: { default: CARDINALITY_LIMIT }
  })]
}

function metricExporter (carrier: Carrier, { temporality }: RuntimeOptions): PushMetricExporter {
  const encoder = new MetricsEncoder()
  return {
    export (resourceMetrics, done) {
      const request = encoder.encode(resourceMetrics)
      const count = countDataPoints(resourceMetrics)
      const taken = count === 0 || carrier.take({ signal: 'metrics', request, count })
      done({ code: taken ? ExportResultCode.SUCCESS : ExportResultCode.FAILED })
    },
    selectAggregationTemporality: temporalitySelector(temporality),
    async forceFlush () {},
    async shutdown () {}
  }
}
