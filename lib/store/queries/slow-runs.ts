import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from './named-query.ts'

export const slowRuns = defineQuery({
  name: 'slow-runs',
  title: 'Slowest runs',
  description: 'Finished agent runs that took at least so long, the slowest first.',
  parameters: {
    ...TIME_RANGE,
    minimum_ms: { kind: 'number', description: 'milliseconds a run took at least', default: 10_000, minimum: 0, maximum: 1e12 },
    agent: { kind: 'text', description: 'only runs of this agent', default: '' },
    ...rowLimit(10)
  },
  columns: {
    id: 'text', started: 'time', duration_ms: 'milliseconds', num_steps: 'count', outcome: 'text', total_tokens: 'count', cost_usd: 'dollars', agent_id: 'text', organization_id: 'text', trace_id: 'text'
  },
  maximumDays: 400,
  sql: `
    SELECT id, toUnixTimestamp64Nano(run_start_ns) AS started, run_ns / 1e6 AS duration_ms, num_steps, outcome, total_tokens, cost_usd, agent_id, organization_id, trace_id
    FROM run_metrics FINAL
    WHERE ${startedInRange('run_start_ns')}
      AND run_ns IS NOT NULL AND run_ns >= {minimum_ms:Float64} * 1e6
      AND ({agent:String} = '' OR agent_id = {agent:String})
      AND ({all_organizations:UInt8} = 1 OR organization_id = {organization:String})
    ORDER BY run_ns DESC, id
    LIMIT {limit:UInt32}`
})
