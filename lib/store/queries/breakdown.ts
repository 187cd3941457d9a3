import { defineQuery, MINUTES, rowLimit, TIME_RANGE } from './named-query.ts'

export const breakdown = defineQuery({
  name: 'breakdown',
  title: 'Breakdown of LLM calls',
  description: 'LLM calls by organization, project, agent, provider or model: how many, how long, how many tokens, how many dollars. Whole minutes.',
  parameters: {
    ...TIME_RANGE,
    by: { kind: 'choice', description: 'what to sum up by', default: 'model', choices: ['organization', 'project', 'agent', 'provider', 'model'] },
    ...rowLimit(50)
  },
  columns: {
    value: 'text',
    calls: 'count',
    errors: 'count',
    p50_ms: 'milliseconds',
    p99_ms: 'milliseconds',
    input_tokens: 'count',
    output_tokens: 'count',
    cached_input_tokens: 'count',
    reasoning_tokens: 'count',
    cost_usd: 'dollars'
  },
  maximumDays: 800,
  sql: `
    SELECT multiIf({by:String} = 'organization', organization_id, {by:String} = 'project', project_id, {by:String} = 'agent', agent_id,
        {by:String} = 'provider', provider, model) AS value,
      sum(m.calls) AS calls, sum(m.errors) AS errors,
      quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(latency_ns_quantiles) AS latency, latency[1] / 1e6 AS p50_ms, latency[4] / 1e6 AS p99_ms,
      sum(m.input_tokens) AS input_tokens, sum(m.output_tokens) AS output_tokens,
      sum(m.cached_input_tokens) AS cached_input_tokens, sum(m.reasoning_tokens) AS reasoning_tokens, sum(m.cost_usd) AS cost_usd
    FROM llm_minutes AS m
    WHERE ${MINUTES}
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY value
    HAVING calls > 0
    ORDER BY calls DESC, value
    LIMIT {limit:UInt32}`
})
