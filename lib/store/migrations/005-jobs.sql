-- Updates may hold a part of a job, and come late or twice: of each column the value with the latest updated_at counts.
-- Rows go into jobs_updates, which keeps none; what they add up to is in jobs_states, and read through jobs.
CREATE TABLE IF NOT EXISTS {{table jobs_updates}} (
  id String,
  organization_id LowCardinality(String),
  ttft_ns Nullable(UInt64),
  total_duration_ns Nullable(UInt64),
  created_at Nullable(DateTime64(3)),
  updated_at DateTime64(3),
  is_deleted Nullable(UInt8)
)
ENGINE = Null;

{{distributed jobs_updates cityHash64(id)}};

CREATE TABLE IF NOT EXISTS {{table jobs_states}} (
  organization_id LowCardinality(String),
  id String CODEC(ZSTD(1)),
  ttft_ns AggregateFunction(argMax, Nullable(UInt64), DateTime64(3)),
  total_duration_ns AggregateFunction(argMax, Nullable(UInt64), DateTime64(3)),
  is_deleted AggregateFunction(argMax, Nullable(UInt8), DateTime64(3)),
  created_at SimpleAggregateFunction(min, DateTime64(3)),
  updated_at SimpleAggregateFunction(max, DateTime64(3))
)
ENGINE = {{engine AggregatingMergeTree()}}
PARTITION BY toYYYYMM(created_at)
ORDER BY (organization_id, id)
{{ttl jobs_states}}
SETTINGS {{settings}};

{{distributed jobs_states cityHash64(id)}};

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view jobs_mv}} TO {{local jobs_states}} AS
SELECT
  organization_id, id,
  argMaxState(updates.ttft_ns, updates.updated_at) AS ttft_ns,
  argMaxState(updates.total_duration_ns, updates.updated_at) AS total_duration_ns,
  argMaxState(updates.is_deleted, updates.updated_at) AS is_deleted,
  min(ifNull(updates.created_at, updates.updated_at)) AS created_at,
  max(updates.updated_at) AS updated_at
FROM {{local jobs_updates}} AS updates
GROUP BY organization_id, id;

CREATE VIEW IF NOT EXISTS {{view jobs}} AS
SELECT
  id, organization_id,
  argMaxMerge(states.ttft_ns) AS ttft_ns,
  argMaxMerge(states.total_duration_ns) AS total_duration_ns,
  min(states.created_at) AS created_at,
  max(states.updated_at) AS updated_at,
  ifNull(argMaxMerge(states.is_deleted), 0) AS is_deleted
FROM {{read jobs_states}} AS states
GROUP BY organization_id, id;
