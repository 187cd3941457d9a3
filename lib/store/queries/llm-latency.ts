import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from './named-query.ts'

export const llmLatency = defineQuery({
  name: 'llm-latency',
  title: 'LLM request latency',
  description: 'How long LLM calls took, by provider and model, the most called first; calls that failed count as well.',
  parameters: {
    ...TIME_RANGE,
    model: { kind: 'text', description: 'only calls of this model', default: '' },
    ...rowLimit(50)
  },
  columns: {
    provider: 'text', model: 'text', requests: 'count', errors: 'count', minimum_ms: 'milliseconds', average_ms: 'milliseconds', p50_ms: 'milliseconds', p90_ms: 'milliseconds', p99_ms: 'milliseconds', maximum_ms: 'milliseconds'
  },
  maximumDays: 400,
  sql: `
    SELECT provider, model, count() AS requests, countIf(is_error) AS errors,
      min(latency_ns) / 1e6 AS minimum_ms, avg(latency_ns) / 1e6 AS average_ms,
      quantileTDigest(0.5)(latency_ns) / 1e6 AS p50_ms, quantileTDigest(0.9)(latency_ns) / 1e6 AS p90_ms,
      quantileTDigest(0.99)(latency_ns) / 1e6 AS p99_ms, max(latency_ns) / 1e6 AS maximum_ms
    FROM provider_traces FINAL
    WHERE ${startedInRange('request_start_ns')}
      AND latency_ns IS NOT NULL
      AND ({model:String} = '' OR model = {model:String})
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY provider, model
    ORDER BY requests DESC, provider, model
    LIMIT {limit:UInt32}`
})
