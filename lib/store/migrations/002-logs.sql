CREATE TABLE IF NOT EXISTS {{table otel_logs}} (
  Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  -- Exporters before 0.151 and what was written for them ask for it.
  TimestampTime DateTime DEFAULT toDateTime(Timestamp),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  TraceFlags UInt8,
  SeverityText LowCardinality(String) CODEC(ZSTD(1)),
  SeverityNumber UInt8,
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  Body String CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  EventName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributeItems Array(String) ALIAS arrayMap((name, value) -> concat(name, '=', value), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
  LogAttributeItems Array(String) ALIAS arrayMap((name, value) -> concat(name, '=', value), mapKeys(LogAttributes), mapValues(LogAttributes)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX idx_resource_attribute_items ResourceAttributeItems TYPE text(tokenizer = 'array'),
  INDEX idx_log_attribute_items LogAttributeItems TYPE text(tokenizer = 'array'),
  INDEX idx_lower_body lower(Body) TYPE text(tokenizer = 'splitByNonAlpha')
)
ENGINE = {{engine MergeTree()}}
PARTITION BY toDate(Timestamp)
ORDER BY (toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
{{ttl otel_logs}}
SETTINGS {{settings}};

{{distributed otel_logs cityHash64(TraceId, Timestamp)}};
