import type { Resource } from '@opentelemetry/resources'
import type { RuntimeOptions } from '../options.ts'
import { countDataPoints } from './data-points.ts'
import { openDestination, type Destination } from './destination.ts'
import type { Engine } from './engine.ts'
import { countExports, reportExportFailure, type ExportCounts } from './export-counter.ts'
import { withinTime } from '../export/within-time.ts'
import { MemoryDestination } from './memory-destination.ts'
import type { Report } from './reporter.ts'
import { sdkProviders, type SdkProviders } from './sdk-providers.ts'
import { mainThreadStats, signalStats, type EngineStats } from './telemetry-stats.ts'

/** The official SDK, with its own exporters or those of a destination. */
export class SdkEngine implements Engine {
  readonly tracerProvider: SdkProviders['tracerProvider']
  readonly meterProvider: SdkProviders['meterProvider']
  readonly location: string
  readonly memory?: MemoryDestination

  readonly #destination: Destination
  readonly #report: Report
  /** Sampled spans that ended. */
  #ended = 0
  /** Those that the queue had no room for. */
  #queueFull = 0
  readonly #spans: ExportCounts = { exported: 0, failed: 0 }
  readonly #metrics: ExportCounts = { exported: 0, failed: 0 }

  constructor (options: RuntimeOptions, resource: Resource, report: Report) {
    this.#report = report
    this.#destination = openDestination(options, report)
    if (this.#destination instanceof MemoryDestination) this.memory = this.#destination
    this.location = this.#destination.location
    this.#countExports(report)
    const { tracerProvider, meterProvider } = sdkProviders(options, resource, this.#destination, report, () => { this.#ended++ })
    this.tracerProvider = tracerProvider
    this.meterProvider = meterProvider
  }

  get stats (): EngineStats {
    return mainThreadStats({
      spans: signalStats({ exported: this.#spans.exported, waiting: this.#unaccounted(this.#ended) }, { export_failed: this.#spans.failed, queue_full: this.#queueFull }),
      metrics: signalStats({ exported: this.#metrics.exported }, { export_failed: this.#metrics.failed })
    })
  }

  async flush (timeoutMs: number): Promise<boolean> {
    return await this.#complete(async () => { await this.#flushAll() }, timeoutMs)
  }

  async shutdown (timeoutMs: number): Promise<boolean> {
    return await this.#complete(async () => {
      await this.#flushAll()
      await Promise.allSettled([this.tracerProvider.shutdown(), this.meterProvider.shutdown()])
      await this.#destination.close()
    }, timeoutMs)
  }

  /** Whether `work` ended in time and no export failed meanwhile. */
  async #complete (work: () => Promise<void>, timeoutMs: number): Promise<boolean> {
    const lostBefore = this.#lost
    return await withinTime(work(), timeoutMs) && this.#lost === lostBefore
  }

  get #lost (): number {
    return this.#spans.failed + this.#queueFull + this.#metrics.failed
  }

  /** Of so many spans that go to an exporter: those that neither arrived nor failed. */
  #unaccounted (ended: number): number {
    if (this.#destination.spanExporter === undefined) return 0
    return ended - this.#spans.exported - this.#spans.failed - this.#queueFull
  }

  async #flushAll (): Promise<void> {
    const ended = this.#ended
    await Promise.allSettled([this.tracerProvider.forceFlush(), this.meterProvider.forceFlush()])
    await this.#destination.flush()
    this.#countDropped(ended)
  }

  /** A full queue drops spans and says nothing: after a flush, what neither arrived nor failed was dropped. */
  #countDropped (ended: number): void {
    const dropped = this.#unaccounted(ended)
    if (dropped <= 0) return
    this.#queueFull += dropped
    this.#report('spans were dropped because more of them waited than the queue holds: raise OTEL_BSP_MAX_QUEUE_SIZE, or sample')
  }

  #countExports (report: Report): void {
    const { spanExporter, metricExporter, location } = this.#destination
    if (spanExporter !== undefined) {
      countExports(spanExporter, (batch: readonly unknown[]) => batch.length, this.#spans, reportExportFailure(report, 'spans', location))
    }
    if (metricExporter !== undefined) {
      countExports(metricExporter, countDataPoints, this.#metrics, reportExportFailure(report, 'metrics', location))
    }
  }
}
