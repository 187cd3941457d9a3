import { ExportResultCode } from '@opentelemetry/core'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import type { Resource } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader, type IMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { join } from 'node:path'
import type { Carrier } from '../export/carrier.ts'
import type { SignalStats } from '../export/carrier-stats.ts'
import { WorkerCarrier } from '../export/worker-carrier.ts'
import type { RuntimeOptions } from '../options.ts'
import { encodeResource } from '../recorder/encode-resource.ts'
import { FastTracerProvider } from '../recorder/fast-tracer-provider.ts'
import { DEFAULT_SPAN_LIMITS } from '../recorder/span-limits.ts'
import { ATTR_SERVICE_NAME } from '../vocabulary/attributes.ts'
import { CARDINALITY_LIMIT } from '../vocabulary/metrics.ts'
import type { Engine } from './engine.ts'
import type { ExportCounts } from './export-counter.ts'
import { describeEndpoint, otlpEndpoints } from './otlp-endpoints.ts'
import type { Report } from './reporter.ts'
import { chooseSampler, keepsUndecided } from './sampler.ts'
import { spanLimits } from './span-limits.ts'
import { temporalitySelector } from './temporality.ts'

/** What the files of the spool may take of the disk, all processes of a service together. */
const SPOOL_BYTES = 512 * 1024 * 1024
/** Milliseconds that an encoded span waits for others. */
const SPAN_AGE_MS = 1_000

/**
 * Encodes each span to OTLP when it ends, and has a worker thread carry it: batch, compress, send, retry, and keep it on
 * the disk while the endpoint is away. Metrics come from the SDK.
 */
export class FastEngine implements Engine {
  readonly tracerProvider: FastTracerProvider
  readonly meterProvider: MeterProvider
  readonly location: string
  readonly #carrier: Carrier

  constructor (options: RuntimeOptions, resource: Resource, report: Report) {
    const endpoints = otlpEndpoints(options, process.env, report)
    this.location = describeEndpoint(endpoints)
    const carrier = new WorkerCarrier({
      ...endpoints,
      resource: encodeResource(resource.attributes),
      spool: { directory: join(options.lettaDirectory, 'spool', folderName(resource)), maxBytes: SPOOL_BYTES }
    }, report)
    this.#carrier = carrier
    const { samplerName, sampler } = options
    this.tracerProvider = new FastTracerProvider({
      sampler: sampler === undefined && keepsUndecided(samplerName) ? undefined : chooseSampler(options, report),
      limits: { ...DEFAULT_SPAN_LIMITS, ...spanLimits() },
      maxAgeMs: Math.min(options.exportIntervalMs, SPAN_AGE_MS),
      sink: {
        take ({ scope, spans, count }) {
          if (options.signals.traces) carrier.take({ signal: 'traces', scope, items: spans, count })
        },
        spareMemory: () => carrier.spareMemory?.()
      }
    })
    this.meterProvider = new MeterProvider({
      resource,
      readers: options.signals.metrics ? [metricReader(carrier, options)] : []
    })
  }

  get counts (): { spans: ExportCounts, metrics: ExportCounts } {
    const { traces, metrics } = this.#carrier.stats.signals
    return { spans: counts(traces), metrics: counts(metrics) }
  }

  async flush (timeoutMs: number): Promise<boolean> {
    return await this.#handOver() && await this.#carrier.flush(timeoutMs)
  }

  async shutdown (timeoutMs: number): Promise<boolean> {
    const handedOver = await this.#handOver()
    await this.meterProvider.shutdown().catch(() => {})
    return await this.#carrier.close(timeoutMs) && handedOver
  }

  /** Gives the carrier what is still being filled. It takes no longer than to encode it. */
  async #handOver (): Promise<boolean> {
    this.tracerProvider.flush()
    return await this.meterProvider.forceFlush().then(() => true, () => false)
  }
}

function metricReader (carrier: Carrier, options: RuntimeOptions): IMetricReader {
  return new PeriodicExportingMetricReader({
    exporter: metricExporter(carrier, options),
    exportIntervalMillis: options.exportIntervalMs,
    exportTimeoutMillis: Math.min(30_000, options.exportIntervalMs),
    cardinalityLimits: { default: CARDINALITY_LIMIT }
  })
}

function metricExporter (carrier: Carrier, { temporality }: RuntimeOptions): PushMetricExporter {
  return {
    export (resourceMetrics, done) {
      const request = ProtobufMetricsSerializer.serializeRequest(resourceMetrics)
      const count = resourceMetrics.scopeMetrics.reduce((sum, { metrics }) => sum + metrics.length, 0)
      const taken = request !== undefined && (count === 0 || carrier.take({ signal: 'metrics', request, count }))
      done({ code: taken ? ExportResultCode.SUCCESS : ExportResultCode.FAILED })
    },
    selectAggregationTemporality: temporalitySelector(temporality),
    async forceFlush () {},
    async shutdown () {}
  }
}

function counts ({ sent, dropped }: SignalStats): ExportCounts {
  return { exported: sent, failed: Object.values(dropped).reduce((sum, count) => sum + count, 0) }
}

/** A service's name as the name of a folder. */
function folderName ({ attributes }: Resource): string {
  return String(attributes[ATTR_SERVICE_NAME]).replace(/[^\w.-]/g, '_').replace(/^\.+/, '_')
}
