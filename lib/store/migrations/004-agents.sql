-- Rows of one id replace one another, and the latest updated_at counts: readers say FINAL, or set final = 1.
-- Wall-clock columns *_start_ns hold nanoseconds as DateTime64(9), so that they compare with now() as written by people;
-- durations are plain numbers of nanoseconds.
CREATE TABLE IF NOT EXISTS {{table run_metrics}} (
  id String CODEC(ZSTD(1)),
  organization_id LowCardinality(String),
  project_id LowCardinality(String),
  agent_id String CODEC(ZSTD(1)),
  template_id String CODEC(ZSTD(1)),
  base_template_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  run_start_ns DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  run_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  num_steps UInt32 CODEC(T64, ZSTD(1)),
  num_llm_calls UInt32 CODEC(T64, ZSTD(1)),
  tools_used Array(LowCardinality(String)) CODEC(ZSTD(1)),
  input_tokens UInt64 CODEC(T64, ZSTD(1)),
  output_tokens UInt64 CODEC(T64, ZSTD(1)),
  cached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
  reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
  total_tokens UInt64 CODEC(T64, ZSTD(1)),
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  outcome LowCardinality(String),
  error_type LowCardinality(String),
  created_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  updated_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  is_deleted UInt8 DEFAULT 0,
  INDEX idx_agent_id agent_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_created_at created_at TYPE minmax GRANULARITY 1
)
ENGINE = {{engine ReplacingMergeTree(updated_at, is_deleted)}}
PARTITION BY toDate(run_start_ns)
ORDER BY (organization_id, id)
{{ttl run_metrics}}
SETTINGS {{settings}};

{{distributed run_metrics cityHash64(id)}};

CREATE TABLE IF NOT EXISTS {{table step_metrics}} (
  id String CODEC(ZSTD(1)),
  organization_id LowCardinality(String),
  project_id LowCardinality(String),
  agent_id String CODEC(ZSTD(1)),
  template_id String CODEC(ZSTD(1)),
  base_template_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  run_id String CODEC(ZSTD(1)),
  provider_id LowCardinality(String),
  step_start_ns DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  step_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  llm_request_start_ns Nullable(DateTime64(9)) CODEC(Delta(8), ZSTD(1)),
  llm_request_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  ttft_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  tool_execution_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  input_tokens UInt64 CODEC(T64, ZSTD(1)),
  output_tokens UInt64 CODEC(T64, ZSTD(1)),
  cached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
  reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
  total_tokens UInt64 CODEC(T64, ZSTD(1)),
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  outcome LowCardinality(String),
  error_type LowCardinality(String),
  created_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  updated_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  is_deleted UInt8 DEFAULT 0,
  INDEX idx_run_id run_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_agent_id agent_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_created_at created_at TYPE minmax GRANULARITY 1
)
ENGINE = {{engine ReplacingMergeTree(updated_at, is_deleted)}}
PARTITION BY toDate(step_start_ns)
ORDER BY (organization_id, id)
{{ttl step_metrics}}
SETTINGS {{settings}};

{{distributed step_metrics cityHash64(id)}};

CREATE TABLE IF NOT EXISTS {{table provider_traces}} (
  id String CODEC(ZSTD(1)),
  organization_id LowCardinality(String),
  project_id LowCardinality(String),
  agent_id String CODEC(ZSTD(1)),
  template_id String CODEC(ZSTD(1)),
  base_template_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  step_id String CODEC(ZSTD(1)),
  run_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  call_type LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  response_model LowCardinality(String),
  request_start_ns DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  latency_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  ttft_ns Nullable(UInt64) CODEC(T64, ZSTD(1)),
  chunk_count UInt32 CODEC(T64, ZSTD(1)),
  usage_estimated Bool,
  price_version LowCardinality(String),
  request_bytes UInt64 CODEC(T64, ZSTD(1)),
  response_bytes UInt64 CODEC(T64, ZSTD(1)),
  input_tokens UInt64 CODEC(T64, ZSTD(1)),
  output_tokens UInt64 CODEC(T64, ZSTD(1)),
  cached_input_tokens UInt64 CODEC(T64, ZSTD(1)),
  reasoning_tokens UInt64 CODEC(T64, ZSTD(1)),
  total_tokens UInt64 CODEC(T64, ZSTD(1)),
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  outcome LowCardinality(String),
  is_error Bool,
  error_type LowCardinality(String),
  error_message String CODEC(ZSTD(1)),
  created_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  updated_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  is_deleted UInt8 DEFAULT 0,
  INDEX idx_id id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_run_id run_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_agent_id agent_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_created_at created_at TYPE minmax GRANULARITY 1
)
ENGINE = {{engine ReplacingMergeTree(updated_at, is_deleted)}}
PARTITION BY toDate(request_start_ns)
ORDER BY (organization_id, step_id, id)
{{ttl provider_traces}}
SETTINGS {{settings}};

{{distributed provider_traces cityHash64(if(step_id = '', id, step_id))}};

-- What was said: large, read one call at a time, and kept for a shorter time than what is known of the call.
CREATE TABLE IF NOT EXISTS {{table provider_trace_payloads}} (
  id String CODEC(ZSTD(1)),
  organization_id LowCardinality(String),
  step_id String CODEC(ZSTD(1)),
  request_json String CODEC(ZSTD(6)),
  response_json String CODEC(ZSTD(6)),
  request_original_size UInt64 CODEC(T64, ZSTD(1)),
  response_original_size UInt64 CODEC(T64, ZSTD(1)),
  request_sha256 String CODEC(ZSTD(1)),
  response_sha256 String CODEC(ZSTD(1)),
  created_at DateTime64(3) CODEC(Delta(8), ZSTD(1)),
  INDEX idx_id id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{engine ReplacingMergeTree(created_at)}}
PARTITION BY toDate(created_at)
ORDER BY (organization_id, step_id, id)
{{ttl provider_trace_payloads}}
-- One row can be megabytes: a granule of thousands of them would be read for one.
SETTINGS {{settings}}, index_granularity_bytes = 1048576;

{{distributed provider_trace_payloads cityHash64(if(step_id = '', id, step_id))}};

CREATE VIEW IF NOT EXISTS {{view provider_trace}} AS
SELECT calls.*, payloads.request_json AS request_json, payloads.response_json AS response_json
FROM (SELECT * FROM {{read provider_traces}} FINAL WHERE is_deleted = 0) AS calls
LEFT JOIN (SELECT organization_id, step_id, id, request_json, response_json FROM {{read provider_trace_payloads}} FINAL) AS payloads
ON calls.organization_id = payloads.organization_id AND calls.step_id = payloads.step_id AND calls.id = payloads.id;
