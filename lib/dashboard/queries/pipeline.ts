import { defineQuery, TIME_RANGE } from '../../store/queries/named-query.ts'
import { RECORDED } from './metric-points.ts'

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

const REQUESTS = 'letta_otel.backend.refused_requests'

/**
 * What senders say of themselves in the figures that OpenTelemetry's SDKs and this package's fast engine keep, and what the local
 * backend, or a Collector that sends its own metrics here, says of what it was sent. Nullable, all of it: what nobody counted is not 0.
 */
const COUNTED = `
      SELECT multiIf(metric LIKE '%span%' OR metric LIKE '%.traces', 'spans', metric LIKE '%log%', 'log records', 'data points') AS signal,
        sumIfOrNull(added, startsWith(metric, 'otel.sdk.') AND failed = 0) AS sent,
        sumIfOrNull(added, startsWith(metric, 'otelcol_receiver_accepted_')) AS received,
        toNullable(sumIf(added, startsWith(metric, 'otelcol_receiver_refused_'))) AS refused,
        toNullable(sumIf(added, startsWith(metric, '${REQUESTS}.'))) AS refused_requests,
        toNullable(sumIf(added, startsWith(metric, 'otel.sdk.') AND failed = 1 OR startsWith(metric, 'otelcol_exporter_send_failed_'))) AS dropped
      FROM (
        SELECT any(MetricName) AS metric, any(Attributes['error.type'] != '') AS failed,
          if(any(AggregationTemporality) = 1, sum(Value), max(Value) - if(min(StartTimeUnix) >= fromUnixTimestamp64Nano({from:Int64}), 0, min(Value))) AS added
        FROM otel_metrics_sum
        WHERE (MetricName IN ('otel.sdk.exporter.span.exported', 'otel.sdk.exporter.log.exported', 'otel.sdk.exporter.metric_data_point.exported')
            OR match(MetricName, '^otelcol_(receiver_(accepted|refused)|exporter_send_failed)_(spans|metric_points|log_records)$')
            OR startsWith(MetricName, '${REQUESTS}.'))
          AND ${RECORDED}
          AND TimeUnix >= fromUnixTimestamp64Nano({from:Int64}) AND TimeUnix < fromUnixTimestamp64Nano({to:Int64})
          AND ({all_organizations:UInt8} = 1 OR Attributes['organization.id'] = {organization:String})
          AND ({service:String} = '' OR ServiceName = {service:String})
        GROUP BY ServiceName, ResourceAttributes, MetricName, Attributes, StartTimeUnix
      )
      GROUP BY signal`

export const pipeline = defineQuery({
  name: 'pipeline',
  title: 'Pipeline',
  description: 'By kind of telemetry: what is stored of the time, what senders say they sent, what receivers say they received and refused, what either lost, and how old the newest is.',
  parameters: { ...TIME_RANGE, service: { kind: 'text', description: 'only this service', default: '' } },
  columns: { signal: 'text', stored: 'count', sent: 'number', received: 'number', refused: 'number', refused_requests: 'number', dropped: 'number', newest: 'time', lag_ms: 'milliseconds' },
  maximumDays: 31,
  sql: `
    SELECT signal, sum(p.stored) AS stored, max(s.sent) AS sent, max(s.received) AS received,
      max(s.refused) AS refused, max(s.refused_requests) AS refused_requests, max(s.dropped) AS dropped, nullIf(max(p.newest), 0) AS newest,
      if(newest IS NULL, NULL, greatest(0, ({to:Int64} - assumeNotNull(newest)) / 1e6)) AS lag_ms
    FROM (${STORED.map(stored).join('\n      UNION ALL')}
    ) AS p
    LEFT JOIN (${COUNTED}
    ) AS s USING (signal)
    GROUP BY signal
    ORDER BY indexOf(['spans', 'log records', 'data points'], signal)`
})
