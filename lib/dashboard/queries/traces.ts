import { defineQuery, rowLimit, TIME_RANGE } from '../../store/queries/named-query.ts'

/** Whether any word of a span has the text in it. */
const HAS_TEXT = `(positionCaseInsensitiveUTF8(SpanName, {text:String}) > 0 OR positionCaseInsensitiveUTF8(StatusMessage, {text:String}) > 0
        OR arrayExists(value -> positionCaseInsensitiveUTF8(value, {text:String}) > 0, mapValues(SpanAttributes))
        OR arrayExists(event -> arrayExists(value -> positionCaseInsensitiveUTF8(value, {text:String}) > 0, mapValues(event)), Events.Attributes))`

export const traces = defineQuery({
  name: 'traces',
  title: 'Traces',
  description: 'Traces with a span that has all that is asked for; of each trace the first such span.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'name of the service', default: '' },
    route: { kind: 'text', description: 'only this route, as /v1/agents/:agent_id', default: '' },
    method: { kind: 'text', description: 'only this method, as POST', default: '' },
    spans: { kind: 'choice', description: 'which spans are looked at: those that enter a service, or any', default: 'entries', choices: ['entries', 'any'] },
    status: { kind: 'choice', description: 'how the span ended; ok is all that did not fail', default: 'any', choices: ['any', 'ok', 'error'] },
    http_status: { kind: 'text', description: 'status of the response, as 404, or its class, as 4', default: '' },
    minimum_ms: { kind: 'number', description: 'milliseconds the span took at least', default: 0, minimum: 0, maximum: 1e12, fraction: true },
    maximum_ms: { kind: 'number', description: 'milliseconds the span took at most', default: 1e12, minimum: 0, maximum: 1e12, fraction: true },
    attributes: { kind: 'pairs', description: 'attributes of the span, all of which have to be so', default: {} },
    text: { kind: 'text', description: 'found in the name, the attributes or the events of the span', default: '' },
    order: { kind: 'choice', description: 'which come first', default: 'newest', choices: ['newest', 'slowest'] },
    ...rowLimit(100)
  },
  columns: {
    trace_id: 'text', span_id: 'text', started: 'time', duration_ms: 'milliseconds', name: 'text', service: 'text', status: 'text', http_status: 'text', error: 'text', spans: 'count', organization_id: 'text'
  },
  maximumDays: 31,
  sql: `
    SELECT TraceId AS trace_id,
      argMin((SpanId, Duration, SpanName, ServiceName, StatusCode,
        if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code']),
        if(StatusMessage != '', StatusMessage, SpanAttributes['error.type']), SpanAttributes['organization.id']), (Timestamp, SpanId)) AS first,
      first.1 AS span_id, toUnixTimestamp64Nano(min(Timestamp)) AS started, first.2 / 1e6 AS duration_ms, first.3 AS name, first.4 AS service,
      first.5 AS status, first.6 AS http_status, first.7 AS error, count() AS spans, first.8 AS organization_id
    FROM otel_traces
    WHERE Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
      AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
      AND ({spans:String} = 'any' OR SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '')
      AND ({service:String} = '' OR ServiceName = {service:String})
      AND ({route:String} = '' OR SpanAttributes['http.route'] = {route:String})
      AND ({method:String} = '' OR SpanAttributes['http.request.method'] = {method:String} OR SpanAttributes['http.method'] = {method:String})
      AND ({status:String} = 'any' OR (StatusCode = 'Error') = ({status:String} = 'error'))
      AND ({http_status:String} = '' OR startsWith(SpanAttributes['http.response.status_code'], {http_status:String})
        OR startsWith(SpanAttributes['http.status_code'], {http_status:String}))
      AND Duration >= {minimum_ms:Float64} * 1e6 AND Duration <= {maximum_ms:Float64} * 1e6
      AND (empty({attributes:Array(String)}) OR hasAll(SpanAttributeItems, {attributes:Array(String)}))
      AND ({text:String} = '' OR ${HAS_TEXT})
    GROUP BY TraceId
    ORDER BY if({order:String} = 'slowest', duration_ms, 0) DESC, started DESC, trace_id
    LIMIT {limit:UInt32}`
})
