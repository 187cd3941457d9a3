import { defineQuery, rowLimit } from './named-query.ts'
import { SPAN_OF_ORGANIZATION, TRACE_BOUNDS, TRACE_PARAMETER } from './trace-owner.ts'

export const trace = defineQuery({
  name: 'trace',
  title: 'One trace',
  description: 'The spans of a trace in the order of their start.',
  parameters: { ...TRACE_PARAMETER, ...rowLimit(1_000, 10_000) },
  columns: {
    started: 'time', duration_ms: 'milliseconds', name: 'text', kind: 'text', service: 'text', status: 'text', status_message: 'text', span_id: 'text', parent_span_id: 'text', attributes: 'attributes', resource: 'attributes', events: 'events'
  },
  sql: `
    WITH ${TRACE_BOUNDS}
    SELECT toUnixTimestamp64Nano(Timestamp) AS started, Duration / 1e6 AS duration_ms, SpanName AS name, SpanKind AS kind,
      ServiceName AS service, StatusCode AS status, StatusMessage AS status_message, SpanId AS span_id, ParentSpanId AS parent_span_id,
      SpanAttributes AS attributes, ResourceAttributes AS resource,
      arrayMap((time, event, values) -> (toUnixTimestamp64Nano(time), event, values), Events.Timestamp, Events.Name, Events.Attributes) AS events
    FROM otel_traces
    WHERE TraceId = {trace:String} AND Timestamp >= trace_start AND Timestamp <= trace_end
      AND ${SPAN_OF_ORGANIZATION}
    ORDER BY Timestamp, SpanId
    LIMIT {limit:UInt32}`
})
