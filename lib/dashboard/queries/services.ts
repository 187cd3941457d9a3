import { defineQuery, rowLimit, TIME_RANGE } from '../../store/queries/named-query.ts'

export const services = defineQuery({
  name: 'services',
  title: 'Services',
  description: 'Services that sent spans or log lines, and how many.',
  parameters: { ...TIME_RANGE, ...rowLimit(100) },
  columns: { service: 'text', spans: 'count', log_lines: 'count', newest: 'time' },
  maximumDays: 31,
  sql: `
    SELECT service, sum(p.spans) AS spans, sum(p.log_lines) AS log_lines, max(p.newest) AS newest FROM (
      SELECT ServiceName AS service, count() AS spans, toUInt64(0) AS log_lines, toUnixTimestamp64Nano(max(Timestamp)) AS newest
      FROM otel_traces
      WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
        AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
      GROUP BY service
      UNION ALL
      SELECT ServiceName AS service, toUInt64(0) AS spans, count() AS log_lines, toUnixTimestamp64Nano(max(Timestamp)) AS newest
      FROM otel_logs
      WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
        AND ({all_organizations:UInt8} = 1 OR LogAttributes['org_id'] = {organization:String})
      GROUP BY service
    ) AS p
    GROUP BY service
    ORDER BY service
    LIMIT {limit:UInt32}`
})
