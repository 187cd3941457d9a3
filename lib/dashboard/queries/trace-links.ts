import { defineQuery, rowLimit } from '../../store/queries/named-query.ts'
import { SPAN_OF_ORGANIZATION, TRACE_BOUNDS, TRACE_PARAMETER } from '../../store/queries/trace-owner.ts'

export const traceLinks = defineQuery({
  name: 'trace-links',
  title: 'Links of a trace',
  description: 'What spans of a trace name as their cause or their like in other traces.',
  parameters: { ...TRACE_PARAMETER, ...rowLimit(1_000) },
  columns: { span_id: 'text', linked_trace_id: 'text', linked_span_id: 'text', attributes: 'attributes' },
  sql: `
    WITH ${TRACE_BOUNDS}
    SELECT SpanId AS span_id, link.1 AS linked_trace_id, link.2 AS linked_span_id, link.3 AS attributes
    FROM otel_traces
    ARRAY JOIN arrayZip(Links.TraceId, Links.SpanId, Links.Attributes) AS link
    WHERE TraceId = {trace:String} AND Timestamp >= trace_start AND Timestamp <= trace_end
      AND ${SPAN_OF_ORGANIZATION}
    ORDER BY Timestamp, SpanId
    LIMIT {limit:UInt32}`
})
