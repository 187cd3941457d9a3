/** The whole id, as 32 hexadecimal digits. */
export const TRACE_PARAMETER = {
  trace: { kind: 'hexadecimal', digits: 32, description: 'id of the trace' }
} as const

/** When a trace starts and ends. The table of bounds knows whole seconds: the last one counts to its end. */
export const TRACE_BOUNDS = `
      (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = {trace:String}) AS trace_start,
      (SELECT max(End) + INTERVAL 1 SECOND FROM otel_traces_trace_id_ts WHERE TraceId = {trace:String}) AS trace_end`

/**
 * The spans of a trace that name the organization. Anyone who learns a trace's id can send requests that claim to belong to
 * it, at any time: a trace is nobody's as a whole, and no set of spans says who else is in it, for those that are open are not
 * there yet. What counts is what a span says of itself; its id was made by who recorded it.
 */
export const OWN_SPAN_IDS = `(SELECT SpanId FROM otel_traces
          WHERE {all_organizations:UInt8} = 0 AND TraceId = {trace:String} AND Timestamp >= trace_start AND Timestamp <= trace_end
            AND SpanAttributes['organization.id'] = {organization:String})`

/** The spans of a trace that name anybody. */
export const NAMED_SPAN_IDS = `(SELECT SpanId FROM otel_traces
          WHERE {all_organizations:UInt8} = 0 AND TraceId = {trace:String} AND Timestamp >= trace_start AND Timestamp <= trace_end
            AND SpanAttributes['organization.id'] != '')`

/**
 * Beside these, what they did themselves without naming anybody, such as a query of a database. A request that came in from
 * outside is none of it, whichever parent it claims.
 */
export const SPAN_OF_ORGANIZATION = `({all_organizations:UInt8} = 1
        OR SpanAttributes['organization.id'] = {organization:String}
        OR (SpanAttributes['organization.id'] = '' AND SpanKind NOT IN ('Server', 'Consumer') AND ParentSpanId IN ${OWN_SPAN_IDS}))`
