-- What is asked of months of requests, a row a minute. The day is first in the keys, since every question has a time, and few
-- name a service or an organization. Quantiles merge: quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(…).
CREATE TABLE IF NOT EXISTS {{table endpoint_minutes}} (
  minute DateTime CODEC(Delta, ZSTD(1)),
  service_name LowCardinality(String),
  organization_id LowCardinality(String),
  project_id LowCardinality(String),
  method LowCardinality(String),
  route LowCardinality(String),
  status_code UInt16,
  requests SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64),
  duration_ns_sum SimpleAggregateFunction(sum, UInt64),
  duration_ns_max SimpleAggregateFunction(max, UInt64),
  duration_ns_quantiles AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), UInt64)
)
ENGINE = {{engine AggregatingMergeTree()}}
PARTITION BY toYYYYMM(minute)
ORDER BY (toDate(minute), service_name, route, method, organization_id, project_id, status_code, minute)
{{ttl endpoint_minutes}}
SETTINGS {{settings}};

{{distributed endpoint_minutes cityHash64(service_name, route, method)}};

-- A span without a status code of its own was answered 500 where it failed, as the endpoint metrics say.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{view endpoint_minutes_mv}} TO {{local endpoint_minutes}} AS
SELECT
  toStartOfMinute(toDateTime(Timestamp)) AS minute,
  ServiceName AS service_name,
  SpanAttributes['organization.id'] AS organization_id,
  SpanAttributes['project.id'] AS project_id,
  if(SpanAttributes['http.request.method'] != '', SpanAttributes['http.request.method'], SpanAttributes['http.method']) AS method,
  SpanAttributes['http.route'] AS route,
  toUInt16OrZero(if(SpanAttributes['http.response.status_code'] != '', SpanAttributes['http.response.status_code'], SpanAttributes['http.status_code'])) AS status_code,
  count() AS requests,
  countIf(StatusCode = 'Error') AS errors,
  sum(Duration) AS duration_ns_sum,
  max(Duration) AS duration_ns_max,
  quantilesTDigestState(0.5, 0.9, 0.95, 0.99)(Duration) AS duration_ns_quantiles
FROM {{local otel_traces}}
WHERE SpanKind = 'Server'
GROUP BY minute, service_name, organization_id, project_id, method, route, status_code;

CREATE TABLE IF NOT EXISTS {{table llm_minutes}} (
  minute DateTime CODEC(Delta, ZSTD(1)),
  organization_id LowCardinality(String),
  project_id LowCardinality(String),
  agent_id String CODEC(ZSTD(1)),
  provider LowCardinality(String),
  model LowCardinality(String),
  call_type LowCardinality(String),
  outcome LowCardinality(String),
  calls SimpleAggregateFunction(sum, Int64),
  errors SimpleAggregateFunction(sum, Int64),
  input_tokens SimpleAggregateFunction(sum, Int64),
  output_tokens SimpleAggregateFunction(sum, Int64),
  cached_input_tokens SimpleAggregateFunction(sum, Int64),
  reasoning_tokens SimpleAggregateFunction(sum, Int64),
  total_tokens SimpleAggregateFunction(sum, Int64),
  cost_usd SimpleAggregateFunction(sum, Float64),
  latency_ns_sum SimpleAggregateFunction(sum, Int64),
  latency_ns_max SimpleAggregateFunction(max, UInt64),
  latency_ns_quantiles AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), UInt64),
  ttft_ns_quantiles AggregateFunction(quantilesTDigest(0.5, 0.9, 0.95, 0.99), UInt64)
)
ENGINE = {{engine AggregatingMergeTree()}}
PARTITION BY toYYYYMM(minute)
ORDER BY (toDate(minute), organization_id, project_id, provider, model, agent_id, call_type, outcome, minute)
{{ttl llm_minutes}}
SETTINGS {{settings}};

{{distributed llm_minutes cityHash64(organization_id, provider, model)}};

-- A call is written when it starts and again when it ended: only the end counts. One that is deleted later is taken away again,
-- where its row says what it said before; quantiles and the maximum cannot forget.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{view llm_minutes_mv}} TO {{local llm_minutes}} AS
WITH if(calls.is_deleted, -1, 1) AS sign, calls.is_deleted = 0 AND isNotNull(calls.latency_ns) AS is_timed
SELECT
  toStartOfMinute(toDateTime(calls.request_start_ns)) AS minute,
  organization_id, project_id, agent_id, provider, model, call_type, outcome,
  sum(sign) AS calls,
  sum(sign * calls.is_error) AS errors,
  sum(sign * toInt64(calls.input_tokens)) AS input_tokens,
  sum(sign * toInt64(calls.output_tokens)) AS output_tokens,
  sum(sign * toInt64(calls.cached_input_tokens)) AS cached_input_tokens,
  sum(sign * toInt64(calls.reasoning_tokens)) AS reasoning_tokens,
  sum(sign * toInt64(calls.total_tokens)) AS total_tokens,
  sum(sign * ifNull(calls.cost_usd, 0)) AS cost_usd,
  sum(sign * toInt64(ifNull(calls.latency_ns, 0))) AS latency_ns_sum,
  max(if(is_timed, assumeNotNull(calls.latency_ns), 0)) AS latency_ns_max,
  quantilesTDigestStateIf(0.5, 0.9, 0.95, 0.99)(assumeNotNull(calls.latency_ns), is_timed) AS latency_ns_quantiles,
  quantilesTDigestStateIf(0.5, 0.9, 0.95, 0.99)(assumeNotNull(calls.ttft_ns), calls.is_deleted = 0 AND isNotNull(calls.ttft_ns)) AS ttft_ns_quantiles
FROM {{local provider_traces}} AS calls
WHERE outcome != 'running'
GROUP BY minute, organization_id, project_id, agent_id, provider, model, call_type, outcome;
