import { defineQuery, rowLimit, TIME_RANGE } from '../../store/queries/named-query.ts'
import { NO_ROUTE, ROUTE_PARAMETER } from '../../store/queries/route.ts'

/** Whether any word of a span has the text in it. */
const HAS_TEXT = `(positionCaseInsensitiveUTF8(SpanName, {text:String}) > 0 OR positionCaseInsensitiveUTF8(StatusMessage, {text:String}) > 0
        OR arrayExists(value -> positionCaseInsensitiveUTF8(value, {text:String}) > 0, mapValues(SpanAttributes))
        OR arrayExists(event -> arrayExists(value -> positionCaseInsensitiveUTF8(value, {text:String}) > 0, mapValues(event)), Events.Attributes))`

/** What is told by columns that are cheap to read. */
const IN_COLUMNS = `Timestamp >= fromUnixTimestamp64Nano({from:Int64}) AND Timestamp < fromUnixTimestamp64Nano({to:Int64})
      AND ({spans:String} = 'any' OR IsEntryPoint = true)
      AND ({service:String} = '' OR ServiceName = {service:String})
      AND ({status:String} = 'any' OR (StatusCode = 'Error') = ({status:String} = 'error'))
      AND Duration >= {minimum_ms:Float64} * 1e6 AND Duration <= {maximum_ms:Float64} * 1e6`

/** What has an index, or has to be looked for in all that a span has. */
const IN_ATTRIBUTES = `({route:String} = '' OR has(SpanAttributeItems, concat('http.route=', {route:String}))
        OR ({route:String} = '${NO_ROUTE}' AND SpanAttributes['http.route'] = ''))
      AND ({method:String} = '' OR has(SpanAttributeItems, concat('http.request.method=', {method:String})) OR has(SpanAttributeItems, concat('http.method=', {method:String})))
      AND (empty({attributes:Array(String)}) OR hasAll(SpanAttributeItems, {attributes:Array(String)}))
      AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
      AND ({http_status:String} = '' OR startsWith(SpanAttributes['http.response.status_code'], {http_status:String})
        OR startsWith(SpanAttributes['http.status_code'], {http_status:String}))
      AND ({text:String} = '' OR ${HAS_TEXT})`

export const traces = defineQuery({
  name: 'traces',
  title: 'Traces',
  description: 'Traces with a span that has all that is asked for; of each trace the first such span, or the slowest where the slowest come first.',
  parameters: {
    ...TIME_RANGE,
    service: { kind: 'text', description: 'name of the service', default: '' },
    ...ROUTE_PARAMETER,
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
  // Which traces are shown is told by narrow columns; all others are read of those traces alone. Left to itself, the engine asks
  // every span of the time for its trace, or looks for the text in it, before it leaves out those that begin none.
  sql: `
    WITH shown AS (
      SELECT TraceId FROM otel_traces
      PREWHERE ${IN_COLUMNS}
      WHERE ${IN_ATTRIBUTES}
      ORDER BY if({order:String} = 'slowest', Duration, toUInt64(toUnixTimestamp64Nano(Timestamp))) DESC
      LIMIT 1 BY TraceId
      LIMIT {limit:UInt32}
    )
    SELECT TraceId AS trace_id,
      argMin((SpanId, Duration, SpanName, ServiceName, StatusCode,
        if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code']),
        if(StatusMessage != '', StatusMessage, SpanAttributes['error.type']), SpanAttributes['organization.id'], toUnixTimestamp64Nano(Timestamp)),
        (if({order:String} = 'slowest', -toInt64(Duration), 0), Timestamp, SpanId)) AS chosen,
      chosen.1 AS span_id, chosen.9 AS started, chosen.2 / 1e6 AS duration_ms, chosen.3 AS name, chosen.4 AS service,
      chosen.5 AS status, chosen.6 AS http_status, chosen.7 AS error, count() AS spans, chosen.8 AS organization_id
    FROM otel_traces
    PREWHERE ${IN_COLUMNS} AND TraceId IN (SELECT TraceId FROM shown)
    WHERE ${IN_ATTRIBUTES}
    GROUP BY TraceId
    ORDER BY if({order:String} = 'slowest', duration_ms, 0) DESC, started DESC, trace_id`
})
