import { getNumberFromEnv } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader, type IMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace'
import type { RuntimeOptions } from '../options.ts'
import { CARDINALITY_LIMIT } from '../vocabulary/metrics.ts'
import type { Destination } from './destination.ts'
import { withKeptSpans } from './kept-spans.ts'
import type { Report } from './reporter.ts'
import { routeSampler } from './route-sampler.ts'
import { spanLimits } from './span-limits.ts'

/** The SDK's providers. */
export interface SdkProviders {
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
}

/**
 * Spans that may wait for the exporter. The SDK's 2,048 fill up in a second at 2,000 requests a second, and what comes
 * after is dropped.
 */
const WAITING_SPANS_MAX = 16_384

/** The official SDK over a destination. */
export function sdkProviders (options: RuntimeOptions, resource: Resource, destination: Destination, report: Report, onSpanEnd: () => void): SdkProviders {
  return {
    tracerProvider: new TracerProvider({
      resource,
      sampler: routeSampler(options, report),
      spanLimits: spanLimits(),
      spanProcessors: options.signals.traces ? [withKeptSpans([...spanProcessors(options, destination), endCounter(onSpanEnd)])] : []
    }),
    meterProvider: new MeterProvider({
      resource,
      readers: options.signals.metrics ? metricReaders(options, destination) : []
    })
  }
}

function spanProcessors ({ exportIntervalMs }: RuntimeOptions, { spanExporter, spanProcessor }: Destination): SpanProcessor[] {
  if (spanProcessor !== undefined) return [spanProcessor]
  if (spanExporter === undefined) return []
  return [new BatchSpanProcessor({
    exporter: spanExporter,
    maxQueueSize: fromEnvironment('OTEL_BSP_MAX_QUEUE_SIZE', WAITING_SPANS_MAX),
    maxExportBatchSize: fromEnvironment('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    scheduledDelayMillis: fromEnvironment('OTEL_BSP_SCHEDULE_DELAY', Math.min(exportIntervalMs, 5_000)),
    exportTimeoutMillis: fromEnvironment('OTEL_BSP_EXPORT_TIMEOUT', 30_000)
  })]
}

function endCounter (onSpanEnd: () => void): SpanProcessor {
  return {
    onStart () {},
    onEnd () { onSpanEnd() },
    async forceFlush () {},
    async shutdown () {}
  }
}

function metricReaders ({ exportIntervalMs }: RuntimeOptions, { metricExporter, metricReader }: Destination): IMetricReader[] {
  if (metricReader !== undefined) return [metricReader]
  if (metricExporter === undefined) return []
  return [new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: exportIntervalMs,
    exportTimeoutMillis: Math.min(fromEnvironment('OTEL_METRIC_EXPORT_TIMEOUT', 30_000), exportIntervalMs),
    cardinalityLimits: { default: CARDINALITY_LIMIT }
  })]
}

function fromEnvironment (variable: string, otherwise: number): number {
  const value = getNumberFromEnv(variable)
  return value !== undefined && value > 0 ? value : otherwise
}
