import { AggregationTemporalityPreference, OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as OTLPProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as OTLPProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { withoutCredentials } from '../errors.ts'
import type { RuntimeOptions } from '../options.ts'
import type { Destination } from './destination.ts'
import { withPath } from './otlp-endpoints.ts'

const PREFERENCES: Readonly<Record<RuntimeOptions['temporality'], AggregationTemporalityPreference>> = {
  delta: AggregationTemporalityPreference.DELTA,
  cumulative: AggregationTemporalityPreference.CUMULATIVE,
  lowmemory: AggregationTemporalityPreference.LOWMEMORY
}

/** An OTLP/HTTP receiver. What the options do not say, the official exporters read from `OTEL_EXPORTER_OTLP_*`. */
export class OtlpDestination implements Destination {
  readonly spanExporter: SpanExporter
  readonly metricExporter: PushMetricExporter
  readonly location: string

  constructor ({ endpoint, headers, protocols, temporality }: RuntimeOptions) {
    const traces = { headers: { ...headers }, ...urlOf(endpoint, 'v1/traces') }
    const metrics = { headers: { ...headers }, ...urlOf(endpoint, 'v1/metrics'), temporalityPreference: PREFERENCES[temporality] }
    this.spanExporter = protocols.traces === 'http/json' ? new OTLPTraceExporter(traces) : new OTLPProtobufTraceExporter(traces)
    this.metricExporter = protocols.metrics === 'http/json' ? new OTLPMetricExporter(metrics) : new OTLPProtobufMetricExporter(metrics)
    this.location = withoutCredentials(endpoint ?? process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'the OTLP endpoint of the environment')
  }

  /** The SDK's providers do not wait for what they handed over before they were flushed. */
  async flush (): Promise<void> {
    await Promise.all([this.spanExporter.forceFlush?.(), this.metricExporter.forceFlush()])
  }

  async close (): Promise<void> {}
}

function urlOf (endpoint: string | undefined, path: string): { url?: string } {
  return endpoint === undefined ? {} : { url: withPath(endpoint, path) }
}
