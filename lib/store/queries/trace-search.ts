import { defineQuery, rowLimit, TIME_RANGE } from './named-query.ts'

export const traceSearch = defineQuery({
  name: 'trace-search',
  title: 'Trace search',
  description: 'Traces with a span that has all that is asked for; of each trace the first such span.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'name of the service', default: '' },
    span: { kind: 'text', description: 'name of the span', default: '' },
    status: { kind: 'choice', description: 'how the span ended; ok is all that did not fail', default: 'any', choices: ['any', 'ok', 'error'] },
    minimum_ms: { kind: 'number', description: 'milliseconds the span took at least', default: 0, minimum: 0, maximum: 1e12, fraction: true },
    maximum_ms: { kind: 'number', description: 'milliseconds the span took at most', default: 1e12, minimum: 0, maximum: 1e12, fraction: true },
    attributes: { kind: 'pairs', description: 'attributes of the span, all of which have to be so', default: {} },
    resource: { kind: 'pairs', description: 'attributes of what sent it, as host.name, all of which have to be so', default: {} },
    order: { kind: 'choice', description: 'which come first', default: 'newest', choices: ['newest', 'slowest'] },
    ...rowLimit(50)
  },
  columns: {
    trace_id: 'text', span_id: 'text', started: 'time', duration_ms: 'milliseconds', name: 'text', service: 'text', status: 'text', organization_id: 'text'
  },
  maximumDays: 31,
  sql: `
    SELECT TraceId AS trace_id, argMin(SpanId, (Timestamp, SpanId)) AS span_id, toUnixTimestamp64Nano(min(Timestamp)) AS started,
      argMin(Duration, (Timestamp, SpanId)) / 1e6 AS duration_ms, argMin(SpanName, (Timestamp, SpanId)) AS name,
      argMin(ServiceName, (Timestamp, SpanId)) AS service, argMin(StatusCode, (Timestamp, SpanId)) AS status,
      argMin(SpanAttributes['organization.id'], (Timestamp, SpanId)) AS organization_id
    FROM otel_traces
    WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
      AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
      AND ({service:String} = '' OR ServiceName = {service:String})
      AND ({span:String} = '' OR SpanName = {span:String})
      AND ({status:String} = 'any' OR (StatusCode = 'Error') = ({status:String} = 'error'))
      AND Duration >= {minimum_ms:Float64} * 1e6 AND Duration <= {maximum_ms:Float64} * 1e6
      AND (empty({attributes:Array(String)}) OR hasAll(SpanAttributeItems, {attributes:Array(String)}))
      AND (empty({resource:Array(String)}) OR hasAll(ResourceAttributeItems, {resource:Array(String)}))
    GROUP BY TraceId
    ORDER BY if({order:String} = 'slowest', duration_ms, 0) DESC, started DESC, trace_id
    LIMIT {limit:UInt32}`
})
