import { telemetryLost } from '../../../lib/store/alerts/telemetry-rules.ts'
import { EXPORTER_RETRIED, EXPORTER_SPOOLED, LOG_EXPORTER, MEMORY_USAGE, METRIC_EXPORTER, SPAN_EXPORTER, SPOOL_USAGE, WORKER_CRASHES } from '../../../lib/vocabulary/self-metrics.ts'
import type { DashboardDefinition, PanelDefinition } from './dashboard.ts'
import { columnsOf, plain, queryOf, variable } from './grafana-sql.ts'

const SERVICE = variable('service')
const OF_SERVICE = `(${SERVICE} = '' OR ServiceName = ${SERVICE})`
const METRIC_TABLES = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'].map(kind => `otel_metrics_${kind}`)
/** A counter that has not moved for so long, and then is there again, counts from 0. */
const LOOK_BACK = 'INTERVAL 1 HOUR'
const LOST = queryOf(telemetryLost.query)

const names = (...metrics: ReadonlyArray<{ readonly name: string }>): string => metrics.map(({ name }) => `'${name}'`).join(', ')

/**
 * How much counters have grown from point to point, whether they are told as deltas or as sums.
 *
 * @param label SQL of what a series is called
 */
const growth = (label: string, metrics: string, condition = '1'): string => plain(`
  SELECT $__timeInterval(point) AS time, label, sum(growth) AS value
  FROM (
    SELECT TimeUnix AS point, ${label} AS label,
      if(AggregationTemporality = 1, Value, greatest(0, Value - lagInFrame(Value) OVER (
        PARTITION BY MetricName, ServiceName, cityHash64(ResourceAttributes), cityHash64(Attributes) ORDER BY TimeUnix
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))) AS growth
    FROM otel_metrics_sum
    WHERE MetricName IN (${metrics}) AND ${condition}
      AND TimeUnix >= $__fromTime - ${LOOK_BACK} AND TimeUnix <= $__toTime AND ${OF_SERVICE}
  )
  WHERE $__timeFilter(point)
  GROUP BY time, label
  ORDER BY time, label`)

/** What is there of something, of all processes of a service together. */
const level = (metric: { readonly name: string }): string => plain(`
  SELECT time, service, sum(level) AS value
  FROM (
    SELECT $__timeInterval(TimeUnix) AS time, ServiceName AS service, argMax(Value, TimeUnix) AS level
    FROM otel_metrics_sum
    WHERE MetricName = '${metric.name}' AND $__timeFilter(TimeUnix) AND ${OF_SERVICE}
    GROUP BY time, service, cityHash64(ResourceAttributes)
  )
  GROUP BY time, service
  ORDER BY time, service`)

const chart = (id: number, title: string, unit: string, series: string, sql: string, description?: string): PanelDefinition =>
  ({ id, title, type: 'timeseries', unit, series, ...(description !== undefined && { description }), sql })

/** The last time that a table has of each service. */
const lastOf = (kind: string, tables: readonly string[], column: string): string => tables.map(table => `
    SELECT ServiceName AS service, '${kind}' AS telemetry, max(${column}) AS last FROM ${table} WHERE $__timeFilter(${column}) AND ${OF_SERVICE} GROUP BY service`)
  .join(' UNION ALL')

export const pipeline: DashboardDefinition = {
  uid: 'letta-otel-pipeline',
  title: 'letta-otel: pipeline health',
  description: 'What arrives in the store, what services could not deliver, and what still waits. The collector tells of itself to Prometheus: docs/alerts.md.',
  from: 'now-6h',
  variables: [{ name: 'service', label: 'Service', sql: 'SELECT DISTINCT ServiceName FROM otel_traces WHERE $__timeFilter(Timestamp) ORDER BY ServiceName' }],
  rows: [
    {
      height: 4,
      panels: [
        {
          id: 1,
          title: 'Since the newest span',
          type: 'stat',
          unit: 's',
          redFrom: 300,
          sql: plain(`
  SELECT if(count() = 0, NULL, dateDiff('second', max(Timestamp), $__toTime)) AS seconds
  FROM otel_traces
  WHERE $__timeFilter(Timestamp) AND ${OF_SERVICE}`)
        },
        { id: 2, title: 'Lost in services', description: 'Spans, data points and log records.', type: 'stat', unit: 'short', redFrom: 1, sql: columnsOf(LOST, { lost: 'sum(value)' }, `WHERE ${SERVICE} = '' OR service = ${SERVICE}`) },
        { id: 3, title: 'Crashes of sending threads', type: 'stat', unit: 'short', redFrom: 1, sql: columnsOf(growth("''", names(WORKER_CRASHES)), { crashes: 'sum(value)' }) }
      ]
    },
    {
      height: 8,
      panels: [
        chart(4, 'Spans in the store', 'cps', 'service', plain(`
  SELECT $__timeInterval(Timestamp) AS time, ServiceName AS service, count() / $__interval_s AS spans
  FROM otel_traces
  WHERE $__timeFilter(Timestamp) AND ${OF_SERVICE}
  GROUP BY time, service
  ORDER BY time, service`)),
        chart(5, 'Log lines in the store', 'cps', 'severity', plain(`
  SELECT $__timeInterval(Timestamp) AS time, SeverityText AS severity, count() / $__interval_s AS lines
  FROM otel_logs
  WHERE $__timeFilter(Timestamp) AND ${OF_SERVICE}
  GROUP BY time, severity
  ORDER BY time, severity`)),
        chart(6, 'Data points in the store', 'cps', 'service', plain(`
  SELECT time, service, sum(points) / $__interval_s AS points
  FROM (${METRIC_TABLES.map(table => `
    SELECT $__timeInterval(TimeUnix) AS time, ServiceName AS service, count() AS points FROM ${table} WHERE $__timeFilter(TimeUnix) AND ${OF_SERVICE} GROUP BY time, service`).join(' UNION ALL')}
  )
  GROUP BY time, service
  ORDER BY time, service`))
      ]
    },
    {
      height: 8,
      panels: [
        chart(7, 'Delivered by services', 'short', 'label', growth(
          `multiIf(MetricName = '${SPAN_EXPORTER.exported.name}', 'spans', MetricName = '${METRIC_EXPORTER.exported.name}', 'data points', 'log records')`,
          names(SPAN_EXPORTER.exported, METRIC_EXPORTER.exported, LOG_EXPORTER.exported), "Attributes['error.type'] = ''")),
        chart(8, 'Lost in services, by reason', 'short', 'label', growth("Attributes['error.type']", names(SPAN_EXPORTER.exported, METRIC_EXPORTER.exported, LOG_EXPORTER.exported), "Attributes['error.type'] != ''")),
        chart(9, 'Sent again, and brought to the disk', 'short', 'label', growth(`if(MetricName = '${EXPORTER_RETRIED.name}', 'sent again', 'to the disk')`, names(EXPORTER_RETRIED, EXPORTER_SPOOLED)))
      ]
    },
    {
      height: 8,
      panels: [
        chart(10, 'Waiting in memory', 'decbytes', 'service', level(MEMORY_USAGE)),
        chart(11, 'Waiting on the disk', 'decbytes', 'service', level(SPOOL_USAGE))
      ]
    },
    {
      height: 8,
      panels: [{
        id: 12,
        title: 'Last heard of',
        description: 'In the time range; up to its end.',
        type: 'table',
        units: { ago: 's' },
        sql: plain(`
  SELECT service, telemetry, toDateTime(max(last)) AS last_time, dateDiff('second', last_time, $__toTime) AS ago
  FROM (${[lastOf('spans', ['otel_traces'], 'Timestamp'), lastOf('logs', ['otel_logs'], 'Timestamp'), lastOf('metrics', METRIC_TABLES, 'TimeUnix')].join(' UNION ALL')}
  )
  GROUP BY service, telemetry
  ORDER BY ago DESC, service, telemetry
  LIMIT 200`)
      }]
    }
  ]
}
