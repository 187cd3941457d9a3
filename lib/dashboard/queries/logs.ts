import { defineQuery, rowLimit, TIME_RANGE } from '../../store/queries/named-query.ts'
import type { ParameterDefinitions } from '../../store/queries/parameters.ts'

const FILTERS = {
  ...TIME_RANGE,
  service: { kind: 'text', description: 'only this service', default: '' },
  minimum_severity: { kind: 'number', description: 'severity number at least: 1 trace, 5 debug, 9 info, 13 warn, 17 error, 21 fatal; 0 for any, none included', default: 0, minimum: 0, maximum: 24 },
  text: { kind: 'text', description: 'found in the line or in the values of its attributes', default: '' },
  attributes: { kind: 'pairs', description: 'attributes of the line, all of which have to be so', default: {} }
} as const satisfies ParameterDefinitions

const WHERE = `Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
      AND ({all_organizations:UInt8} = 1 OR LogAttributes['org_id'] = {organization:String})
      AND ({service:String} = '' OR ServiceName = {service:String})
      AND SeverityNumber >= {minimum_severity:UInt8}
      AND ({text:String} = '' OR positionCaseInsensitiveUTF8(Body, {text:String}) > 0
        OR arrayExists(value -> positionCaseInsensitiveUTF8(value, {text:String}) > 0, mapValues(LogAttributes)))
      AND (empty({attributes:Array(String)}) OR hasAll(LogAttributeItems, {attributes:Array(String)}))`

export const logs = defineQuery({
  name: 'logs',
  title: 'Log lines',
  description: 'Log lines that have all that is asked for, the newest first.',
  parameters: { ...FILTERS, ...rowLimit(500) },
  columns: {
    time: 'time', severity: 'text', severity_number: 'count', body: 'text', service: 'text', trace_id: 'text', span_id: 'text', attributes: 'attributes', resource: 'attributes'
  },
  maximumDays: 31,
  sql: `
    SELECT toUnixTimestamp64Nano(Timestamp) AS time, SeverityText AS severity, SeverityNumber AS severity_number, Body AS body, ServiceName AS service,
      TraceId AS trace_id, SpanId AS span_id, LogAttributes AS attributes, ResourceAttributes AS resource
    FROM otel_logs
    WHERE ${WHERE}
    ORDER BY Timestamp DESC, SpanId, Body
    LIMIT {limit:UInt32}`
})

export const logLevels = defineQuery({
  name: 'log-levels',
  title: 'Log lines over time',
  description: 'How many log lines of which severity were written when. A time without lines has no row.',
  parameters: {
    ...FILTERS,
    bucket_seconds: { kind: 'number', description: 'seconds of each row', default: 60, minimum: 1, maximum: 86_400 },
    ...rowLimit(500, 10_000)
  },
  columns: { time: 'time', lines: 'count', errors: 'count', warnings: 'count', others: 'count' },
  maximumDays: 31,
  sql: `
    SELECT toInt64(intDiv(toUnixTimestamp(toDateTime(Timestamp)), {bucket_seconds:UInt32}) * {bucket_seconds:UInt32}) * 1000000000 AS time,
      count() AS lines, countIf(SeverityNumber >= 17) AS errors, countIf(SeverityNumber BETWEEN 13 AND 16) AS warnings, countIf(SeverityNumber < 13) AS others
    FROM otel_logs
    WHERE ${WHERE}
    GROUP BY time
    ORDER BY time
    LIMIT {limit:UInt32}`
})
