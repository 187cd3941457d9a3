import { LOG_EXPORTER, METRIC_EXPORTER, SPAN_EXPORTER, SPOOL_USAGE } from '../../vocabulary/self-metrics.ts'
import { defineRule, threshold } from './alert-rule.ts'

export const noTraces = defineRule({
  name: 'no-traces',
  title: 'No traces arrive',
  description: 'No service has sent a span in the window: nothing is asked of any of them, none of them runs, or what carries telemetry does not.',
  severity: 'critical',
  windowSeconds: 300,
  forSeconds: 0,
  comparison: 'below',
  labels: [],
  unit: 'count',
  parameters: { threshold: threshold(1, 'spans') },
  sql: `
    SELECT count() AS value
    FROM otel_traces
    WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})`
})

/** A counter that has not moved for so long, and then is there again, counts from 0. */
const LOOK_BACK_SECONDS = 3_600
const IN_WINDOW = 'TimeUnix >= fromUnixTimestamp64Nano({from:Int64})'

export const telemetryLost = defineRule({
  name: 'telemetry-lost',
  title: 'Telemetry is lost before it leaves a service',
  description: 'Spans, data points or log records were dropped by the application that made them, for the reason given: see delivery.md.',
  severity: 'warning',
  windowSeconds: 300,
  forSeconds: 0,
  comparison: 'above',
  labels: ['service', 'telemetry', 'reason'],
  unit: 'count',
  parameters: { threshold: threshold(0, 'spans, data points or log records') },
  // Deltas (1) add up. What is cumulative has grown since before the window; there is no earlier point of what was lost first.
  sql: `
    SELECT service, telemetry, reason, sum(lost) AS value
    FROM (
      SELECT ServiceName AS service, Attributes['error.type'] AS reason,
        multiIf(MetricName = '${SPAN_EXPORTER.exported.name}', 'spans', MetricName = '${METRIC_EXPORTER.exported.name}', 'data points', 'log records') AS telemetry,
        if(any(AggregationTemporality) = 1, sumIf(Value, ${IN_WINDOW}), greatest(0, maxIf(Value, ${IN_WINDOW}) - maxIf(Value, NOT ${IN_WINDOW}))) AS lost
      FROM otel_metrics_sum
      WHERE MetricName IN ('${SPAN_EXPORTER.exported.name}', '${METRIC_EXPORTER.exported.name}', '${LOG_EXPORTER.exported.name}')
        AND Attributes['error.type'] != ''
        AND TimeUnix >= fromUnixTimestamp64Nano({from:Int64}) - INTERVAL ${LOOK_BACK_SECONDS} SECOND AND TimeUnix < fromUnixTimestamp64Nano({to:Int64})
      GROUP BY service, telemetry, reason, cityHash64(ResourceAttributes), cityHash64(Attributes)
    )
    GROUP BY service, telemetry, reason
    ORDER BY value DESC, service, telemetry, reason`
})

export const spoolFilling = defineRule({
  name: 'spool-filling',
  title: 'A spool fills up',
  description: 'A process keeps telemetry on its disk that it cannot deliver. Of 512 MB, spans may take half; then the oldest make room. Look at the collector, and at the network between.',
  severity: 'warning',
  windowSeconds: 300,
  forSeconds: 300,
  comparison: 'above',
  labels: ['service'],
  unit: 'bytes',
  parameters: { threshold: threshold(200_000_000, 'bytes on the disk of one process') },
  sql: `
    SELECT service, max(usage) AS value
    FROM (
      SELECT ServiceName AS service, argMax(Value, TimeUnix) AS usage
      FROM otel_metrics_sum
      WHERE MetricName = '${SPOOL_USAGE.name}'
        AND TimeUnix >= fromUnixTimestamp64Nano({from:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({to:Int64})
      GROUP BY service, cityHash64(ResourceAttributes)
    )
    GROUP BY service
    ORDER BY value DESC, service`
})
