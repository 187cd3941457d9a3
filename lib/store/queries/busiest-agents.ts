import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from './named-query.ts'

export const busiestAgents = defineQuery({
  name: 'busiest-agents',
  title: 'Busiest agents',
  description: 'Agents by the steps they took, in the last week when no time is given.',
  parameters: {
    ...TIME_RANGE,
    from: { ...TIME_RANGE.from, default: '-7d' },
    minimum_steps: { kind: 'number', description: 'only agents with at least so many steps', default: 1, minimum: 1, maximum: 1e9 },
    ...rowLimit(20)
  },
  columns: {
    agent_id: 'text', organization_id: 'text', steps: 'count', runs: 'count', errors: 'count', average_step_ms: 'milliseconds', total_tokens: 'count', cost_usd: 'dollars'
  },
  maximumDays: 400,
  sql: `
    SELECT agent_id, organization_id, count() AS steps, uniqExact(run_id) AS runs, countIf(outcome = 'error') AS errors,
      avg(step_ns) / 1e6 AS average_step_ms, sum(s.total_tokens) AS total_tokens, sum(s.cost_usd) AS cost_usd
    FROM step_metrics AS s FINAL
    WHERE ${startedInRange('step_start_ns')}
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    GROUP BY agent_id, organization_id
    HAVING steps >= {minimum_steps:UInt64}
    ORDER BY steps DESC, agent_id
    LIMIT {limit:UInt32}`
})
