import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'

/** How many data points a batch of metrics holds: what OTLP counts metrics in. */
export function countDataPoints ({ scopeMetrics }: ResourceMetrics): number {
  let count = 0
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) count += dataPoints.length
  return count
}
