-- Columns are those that the OpenTelemetry Collector's ClickHouse exporter fills (create_schema: false), and one that is told by them.
-- Every question has a time, most are of the last minutes, and most look for spans that enter a service, one of ten: so the hour comes
-- first in the key, then these spans. Tables that were made before have the exporter's key, (ServiceName, SpanName, time): a search
-- of the last minutes takes three to five times as long in them. With the time itself in the primary key its hour would not be used.
CREATE TABLE IF NOT EXISTS {{table otel_traces}} (
  Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  ParentSpanId String CODEC(ZSTD(1)),
  TraceState String CODEC(ZSTD(1)),
  SpanName LowCardinality(String) CODEC(ZSTD(1)),
  SpanKind LowCardinality(String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  Duration UInt64 CODEC(T64, ZSTD(1)),
  StatusCode LowCardinality(String) CODEC(ZSTD(1)),
  StatusMessage String CODEC(ZSTD(1)),
  Events Nested (
    Timestamp DateTime64(9),
    Name LowCardinality(String),
    Attributes Map(LowCardinality(String), String)
  ) CODEC(ZSTD(1)),
  Links Nested (
    TraceId String,
    SpanId String,
    TraceState String,
    Attributes Map(LowCardinality(String), String)
  ) CODEC(ZSTD(1)),
  ResourceAttributeItems Array(String) ALIAS arrayMap((name, value) -> concat(name, '=', value), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
  SpanAttributeItems Array(String) ALIAS arrayMap((name, value) -> concat(name, '=', value), mapKeys(SpanAttributes), mapValues(SpanAttributes)),
  IsEntryPoint Bool MATERIALIZED SpanKind IN ('Server', 'Consumer') OR empty(ParentSpanId),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX idx_resource_attribute_items ResourceAttributeItems TYPE text(tokenizer = 'array'),
  INDEX idx_span_attribute_items SpanAttributeItems TYPE text(tokenizer = 'array'),
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1,
  INDEX idx_duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = {{engine MergeTree()}}
PARTITION BY toDate(Timestamp)
PRIMARY KEY (toStartOfHour(Timestamp), IsEntryPoint, ServiceName, SpanName)
ORDER BY (toStartOfHour(Timestamp), IsEntryPoint, ServiceName, SpanName, Timestamp)
{{ttl otel_traces}}
SETTINGS {{settings}};

{{distributed otel_traces cityHash64(TraceId)}};

CREATE TABLE IF NOT EXISTS {{table otel_traces_trace_id_ts}} (
  TraceId String CODEC(ZSTD(1)),
  Start SimpleAggregateFunction(min, DateTime) CODEC(ZSTD(1)),
  End SimpleAggregateFunction(max, DateTime) CODEC(ZSTD(1))
)
ENGINE = {{engine AggregatingMergeTree()}}
PARTITION BY toStartOfWeek(Start)
ORDER BY TraceId
{{ttl otel_traces_trace_id_ts}}
SETTINGS {{settings}};

{{distributed otel_traces_trace_id_ts cityHash64(TraceId)}};

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view otel_traces_trace_id_ts_mv}} TO {{local otel_traces_trace_id_ts}} AS
SELECT TraceId, toDateTime(min(Timestamp)) AS Start, toDateTime(max(Timestamp)) AS End
FROM {{local otel_traces}}
WHERE TraceId != ''
GROUP BY TraceId;
