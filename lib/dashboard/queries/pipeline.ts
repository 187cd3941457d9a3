import { defineQuery, TIME_RANGE } from '../../store/queries/named-query.ts'

const STORED = [
  ['spans', 'otel_traces', 'Timestamp', "SpanAttributes['organization.id']"],
  ['log records', 'otel_logs', 'Timestamp', "LogAttributes['org_id']"],
  ...['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'].map(type => ['data points', `otel_metrics_${type}`, 'TimeUnix', "Attributes['organization.id']"])
] as const

const stored = ([signal, table, time, organization]: readonly string[]): string => `
      SELECT '${signal}' AS signal, count() AS stored, toUnixTimestamp64Nano(max(${time})) AS newest
      FROM ${table}
      WHERE ${time} >= fromUnixTimestamp64Nano({from:Int64}) AND ${time} < fromUnixTimestamp64Nano({to:Int64})
        AND ({all_organizations:UInt8} = 1 OR ${organization} = {organization:String})
        AND ({service:String} = '' OR ServiceName = {service:String})`

/** What senders say of themselves in the figures that OpenTelemetry's SDKs and this package's fast engine keep. */
const SENT = `
      SELECT multiIf(metric LIKE '%.span.%', 'spans', metric LIKE '%.log.%', 'log records', 'data points') AS signal,
        sumIf(added, failed = 0) AS sent, sumIf(added, failed = 1) AS lost
      FROM (
        SELECT any(MetricName) AS metric, any(Attributes['error.type'] != '') AS failed,
          if(any(AggregationTemporality) = 1, sum(Value), max(Value) - if(min(StartTimeUnix) >= fromUnixTimestamp64Nano({from:Int64}), 0, min(Value))) AS added
        FROM otel_metrics_sum
        WHERE MetricName IN ('otel.sdk.exporter.span.exported', 'otel.sdk.exporter.log.exported', 'otel.sdk.exporter.metric_data_point.exported')
          AND TimeUnix >= fromUnixTimestamp64Nano({from:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({to:Int64})
          AND ({all_organizations:UInt8} = 1 OR Attributes['organization.id'] = {organization:String})
          AND ({service:String} = '' OR ServiceName = {service:String})
        GROUP BY ServiceName, ResourceAttributes, MetricName, Attributes, StartTimeUnix
      )
      GROUP BY signal`

export const pipeline = defineQuery({
  name: 'pipeline',
  title: 'Pipeline',
  description: 'By kind of telemetry: what is stored of the time, what senders say they sent and lost, and how old the newest is.',
  parameters: { ...TIME_RANGE, service: { kind: 'text', description: 'only this service', default: '' } },
  columns: { signal: 'text', stored: 'count', sent: 'number', lost: 'number', newest: 'time', lag_ms: 'milliseconds' },
  maximumDays: 31,
  sql: `
    SELECT signal, sum(p.stored) AS stored, max(s.sent) AS sent, max(s.lost) AS lost, nullIf(max(p.newest), 0) AS newest,
      if(newest IS NULL, NULL, greatest(0, ({to:Int64} - assumeNotNull(newest)) / 1e6)) AS lag_ms
    FROM (${STORED.map(stored).join('\n      UNION ALL')}
    ) AS p
    LEFT JOIN (${SENT}
    ) AS s USING (signal)
    GROUP BY signal
    ORDER BY indexOf(['spans', 'log records', 'data points'], signal)
    SETTINGS join_use_nulls = 1`
})
