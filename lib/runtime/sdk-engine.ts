import type { Resource } from '@opentelemetry/resources'
import type { RuntimeOptions } from '../options.ts'
import { openDestination, type Destination } from './destination.ts'
import type { Engine } from './engine.ts'
import { countExports, reportExportFailure, type ExportCounts } from './export-counter.ts'
import { withinTime } from '../export/within-time.ts'
import { MemoryDestination } from './memory-destination.ts'
import type { Report } from './reporter.ts'
import { sdkProviders, type SdkProviders } from './sdk-providers.ts'

/** The official SDK, with its own exporters or those of a destination. */
export class SdkEngine implements Engine {
  readonly tracerProvider: SdkProviders['tracerProvider']
  readonly meterProvider: SdkProviders['meterProvider']
  readonly location: string
  readonly memory?: MemoryDestination
  readonly counts: { readonly spans: ExportCounts, readonly metrics: ExportCounts } = {
    spans: { exported: 0, failed: 0 },
    metrics: { exported: 0, failed: 0 }
  }

  readonly #destination: Destination
  readonly #report: Report
  /** Sampled spans that ended. */
  #ended = 0

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
    const { spans, metrics } = this.counts
    const failedBefore = spans.failed + metrics.failed
    return await withinTime(work(), timeoutMs) && spans.failed + metrics.failed === failedBefore
  }

  async #flushAll (): Promise<void> {
    const ended = this.#ended
    await Promise.allSettled([this.tracerProvider.forceFlush(), this.meterProvider.forceFlush()])
    await this.#destination.flush()
    this.#countDropped(ended)
  }

  /** A full queue drops spans and says nothing: after a flush, what neither arrived nor failed was dropped. */
  #countDropped (ended: number): void {
    const { spans } = this.counts
    const dropped = this.#destination.spanExporter === undefined ? 0 : ended - spans.exported - spans.failed
    if (dropped <= 0) return
    spans.failed += dropped
    this.#report('spans were dropped because more of them waited than the queue holds: raise OTEL_BSP_MAX_QUEUE_SIZE, or sample')
  }

  #countExports (report: Report): void {
    const { spanExporter, metricExporter, location } = this.#destination
    const { spans, metrics } = this.counts
    if (spanExporter !== undefined) {
      countExports(spanExporter, (batch: readonly unknown[]) => batch.length, spans, reportExportFailure(report, 'spans', location))
    }
    if (metricExporter !== undefined) {
      countExports(metricExporter, () => 1, metrics, reportExportFailure(report, 'metrics', location))
    }
  }
}
