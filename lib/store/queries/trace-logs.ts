import { defineQuery, rowLimit, TIME_RANGE } from './named-query.ts'
import { NAMED_SPAN_IDS, OWN_SPAN_IDS, TRACE_BOUNDS, TRACE_PARAMETER } from './trace-owner.ts'

export const traceLogs = defineQuery({
  name: 'trace-logs',
  title: 'Logs of a trace',
  description: 'Log lines written within a trace, in their order; also of a trace whose spans were not kept.',
  parameters: {
    ...TRACE_PARAMETER,
    ...TIME_RANGE,
    from: { ...TIME_RANGE.from, default: '-7d' },
    ...rowLimit(1_000, 10_000)
  },
  columns: {
    time: 'time', severity: 'text', body: 'text', service: 'text', span_id: 'text', attributes: 'attributes'
  },
  maximumDays: 31,
  sql: `
    WITH ${TRACE_BOUNDS}
    SELECT toUnixTimestamp64Nano(Timestamp) AS time, SeverityText AS severity, Body AS body, ServiceName AS service, SpanId AS span_id,
      LogAttributes AS attributes
    FROM otel_logs
    WHERE TraceId = {trace:String}
      AND Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
      AND ({all_organizations:UInt8} = 1
        OR SpanId IN ${OWN_SPAN_IDS}
        OR (LogAttributes['org_id'] = {organization:String} AND SpanId NOT IN ${NAMED_SPAN_IDS}))
    ORDER BY Timestamp
    LIMIT {limit:UInt32}`
})
