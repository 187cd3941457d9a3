/**
 * Which spans of one trace, and log lines about it, an organization may see. Anyone who learns a trace's id can send
 * requests that claim to belong to it, so one trace can hold spans of several organizations: a span that names one is
 * only for that one. A span that names none (a method, a database call) is only shown where no other organization is
 * named in the same trace.
 */
export const SPAN_OF_ORGANIZATION = `({all_organizations:UInt8} = 1
        OR SpanAttributes['organization.id'] = {organization:String}
        OR (SpanAttributes['organization.id'] = '' AND owners = [{organization:String}]))`

/** When a trace starts and ends, and whose it is. The table of bounds knows whole seconds: the last one counts to its end. */
export const TRACE_BOUNDS = `
      (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = {trace:String}) AS trace_start,
      (SELECT max(End) + INTERVAL 1 SECOND FROM otel_traces_trace_id_ts WHERE TraceId = {trace:String}) AS trace_end,
      (SELECT groupUniqArrayIf(3)(SpanAttributes['organization.id'], SpanAttributes['organization.id'] != '') FROM otel_traces
        WHERE TraceId = {trace:String} AND Timestamp >= trace_start AND Timestamp <= trace_end) AS owners`

/** The whole id, as 32 hexadecimal digits. */
export const TRACE_PARAMETER = {
  trace: { kind: 'hexadecimal', digits: 32, description: 'id of the trace' }
} as const
