import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { RuntimeOptions } from '../options.ts'
import { FileDestination } from './file-destination.ts'
import { MemoryDestination } from './memory-destination.ts'
import { OtlpDestination } from './otlp-destination.ts'
import type { Report } from './reporter.ts'

/**
 * Where finished telemetry goes. A destination either takes batches (exporters) or each span and the metrics of the
 * moment (processor and reader); what it leaves out, it does not keep.
 */
export interface Destination {
  readonly spanExporter?: SpanExporter
  readonly metricExporter?: PushMetricExporter
  readonly spanProcessor?: SpanProcessor
  readonly metricReader?: IMetricReader
  /** Where a person finds the telemetry, for example a URL without credentials or a folder. */
  readonly location: string
  /** Resolves when what was exported is where it should be. */
  flush (): Promise<void>
  close (): Promise<void>
}

/** Keeps nothing. */
class NoDestination implements Destination {
  readonly location = 'nowhere'
  async flush (): Promise<void> {}
  async close (): Promise<void> {}
}

export function openDestination (options: RuntimeOptions, report: Report): Destination {
  switch (options.destination) {
    case 'otlp': return new OtlpDestination(options)
    case 'files': return new FileDestination(options, report)
    case 'memory': return new MemoryDestination(options)
    case 'none': return new NoDestination()
  }
}
