import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from './named-query.ts'

export const ttft = defineQuery({
  name: 'ttft',
  title: 'Time to first token against the whole',
  description: 'By model: when the first token came, how long the call took, and which part of it was waiting. Only calls that streamed.',
  parameters: {
    ...TIME_RANGE,
    model: { kind: 'text', description: 'only calls of this model', default: '' },
    ...rowLimit(50)
  },
  columns: {
    provider: 'text', model: 'text', calls: 'count', ttft_p50_ms: 'milliseconds', ttft_p90_ms: 'milliseconds', ttft_p99_ms: 'milliseconds', total_p50_ms: 'milliseconds', total_p90_ms: 'milliseconds', total_p99_ms: 'milliseconds', ttft_share: 'ratio', tokens_per_second: 'number'
  },
  maximumDays: 400,
  sql: `
    SELECT provider, model, count() AS calls,
      quantileTDigest(0.5)(ttft_ns) / 1e6 AS ttft_p50_ms, quantileTDigest(0.9)(ttft_ns) / 1e6 AS ttft_p90_ms, quantileTDigest(0.99)(ttft_ns) / 1e6 AS ttft_p99_ms,
      quantileTDigest(0.5)(latency_ns) / 1e6 AS total_p50_ms, quantileTDigest(0.9)(latency_ns) / 1e6 AS total_p90_ms, quantileTDigest(0.99)(latency_ns) / 1e6 AS total_p99_ms,
      sum(ttft_ns) / nullIf(sum(latency_ns), 0) AS ttft_share,
      sum(output_tokens) / nullIf(sum(latency_ns - ttft_ns) / 1e9, 0) AS tokens_per_second
    FROM provider_traces FINAL
    WHERE ${startedInRange('request_start_ns')}
      AND ttft_ns IS NOT NULL AND latency_ns IS NOT NULL
      AND ({model:String} = '' OR model = {model:String})
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY provider, model
    ORDER BY calls DESC, provider, model
    LIMIT {limit:UInt32}`
})
