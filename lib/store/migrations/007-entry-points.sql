-- For tables that were made before they had it. Rows that are there are not written anew: it is told by their other columns.
ALTER TABLE {{table otel_traces}} ADD COLUMN IF NOT EXISTS IsEntryPoint Bool MATERIALIZED SpanKind IN ('Server', 'Consumer') OR empty(ParentSpanId);
ALTER TABLE {{view otel_traces}} ADD COLUMN IF NOT EXISTS IsEntryPoint Bool MATERIALIZED SpanKind IN ('Server', 'Consumer') OR empty(ParentSpanId);
