import { NAMED_QUERIES } from '../../../lib/store/queries/named-queries.ts'
import { MINUTES, startedInRange } from '../../../lib/store/queries/named-query.ts'
import type { DashboardDefinition, PanelDefinition } from './dashboard.ts'
import { columnsOf, grafanaSql, queryOf, variable } from './grafana-sql.ts'

const ORGANIZATION = variable('organization')
const MODEL = variable('model')
const AGENT = variable('agent')
const SCOPE = { all_organizations: `(${ORGANIZATION} = '')`, organization: ORGANIZATION }
const CALLS = `FROM llm_minutes AS m
  WHERE ${MINUTES}
    AND (${ORGANIZATION} = '' OR organization_id = ${ORGANIZATION})
    AND (${MODEL} = '' OR model = ${MODEL})
    AND (${AGENT} = '' OR agent_id = ${AGENT})`
const RUNS = `FROM run_metrics AS r FINAL
  WHERE ${startedInRange('run_start_ns')}
    AND (${ORGANIZATION} = '' OR organization_id = ${ORGANIZATION})
    AND (${AGENT} = '' OR agent_id = ${AGENT})`
const STARTED = 'fromUnixTimestamp64Nano(started)'

const stat = (id: number, title: string, unit: string, sql: string): PanelDefinition => ({ id, title, type: 'stat', unit, sql: grafanaSql(sql) })

/** One series a model. */
const byModel = (id: number, title: string, unit: string, value: string, description?: string): PanelDefinition => ({
  id,
  title,
  type: 'timeseries',
  unit,
  series: 'model',
  ...(description !== undefined && { description }),
  // What was deleted is taken away again, and may leave nothing.
  sql: grafanaSql(`SELECT $__timeInterval(minute) AS time, model, ${value}
  ${CALLS}
  GROUP BY time, model
  HAVING sum(m.calls) > 0
  ORDER BY time, model`)
})

const choices = (column: string): string => grafanaSql(`SELECT DISTINCT ${column} FROM llm_minutes WHERE ${MINUTES} AND ${column} != '' ORDER BY ${column} LIMIT 1000`)

export const agents: DashboardDefinition = {
  uid: 'letta-otel-agents',
  title: 'letta-otel: agents and LLM',
  description: 'Runs of agents and the LLM calls in them: how many, how long, how many tokens, how many dollars.',
  from: 'now-24h',
  variables: [
    { name: 'organization', label: 'Organization', sql: choices('organization_id') },
    { name: 'model', label: 'Model', sql: choices('model') },
    { name: 'agent', label: 'Agent', sql: choices('agent_id') },
    { name: 'by', label: 'Break down by', values: ['model', 'provider', 'agent', 'organization', 'project'] }
  ],
  rows: [
    {
      height: 4,
      panels: [
        stat(1, 'Runs', 'short', `SELECT count() AS runs\n  ${RUNS}`),
        stat(2, 'Failed runs', 'percentunit', `SELECT countIf(outcome = 'error') / nullIf(countIf(outcome != 'running'), 0) AS failed\n  ${RUNS}`),
        stat(3, 'LLM calls', 'short', `SELECT sum(m.calls) AS calls\n  ${CALLS}`),
        stat(4, 'Failed LLM calls', 'percentunit', `SELECT sum(m.errors) / nullIf(sum(m.calls), 0) AS failed\n  ${CALLS}`),
        stat(5, 'Tokens', 'short', `SELECT sum(m.total_tokens) AS tokens\n  ${CALLS}`),
        stat(6, 'Cost', 'currencyUSD', `SELECT sum(m.cost_usd) AS cost\n  ${CALLS}`)
      ]
    },
    {
      height: 8,
      panels: [
        {
          id: 7,
          title: 'Runs by outcome',
          type: 'timeseries',
          unit: 'short',
          series: 'outcome',
          stacked: true,
          sql: grafanaSql(`SELECT $__timeInterval(run_start_ns) AS time, outcome, count() AS runs
  ${RUNS}
  GROUP BY time, outcome
  ORDER BY time, outcome`)
        },
        {
          id: 8,
          title: 'Duration of runs',
          type: 'timeseries',
          unit: 'ms',
          sql: grafanaSql(`SELECT $__timeInterval(run_start_ns) AS time, quantileTDigest(0.5)(run_ns) / 1e6 AS P50, quantileTDigest(0.9)(run_ns) / 1e6 AS P90, quantileTDigest(0.99)(run_ns) / 1e6 AS P99
  ${RUNS}
    AND run_ns IS NOT NULL
  GROUP BY time
  ORDER BY time`)
        }
      ]
    },
    {
      height: 8,
      panels: [
        byModel(9, 'LLM calls by model', 'short', 'sum(m.calls) AS calls'),
        byModel(10, 'Failed LLM calls by model', 'percentunit', 'sum(m.errors) / sum(m.calls) AS failed'),
        byModel(11, 'Cost by model', 'currencyUSD', 'sum(m.cost_usd) AS cost')
      ]
    },
    {
      height: 8,
      panels: [
        byModel(12, 'P99 of LLM calls by model', 'ms', 'arrayElement(quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(latency_ns_quantiles), 4) / 1e6 AS p99'),
        {
          id: 13,
          title: 'Time to first token against the whole call',
          description: 'Medians and P99; only streamed calls have a first token.',
          type: 'timeseries',
          unit: 'ms',
          sql: columnsOf(grafanaSql(`SELECT $__timeInterval(minute) AS time, quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(ttft_ns_quantiles) AS first,
    quantilesTDigestMerge(0.5, 0.9, 0.95, 0.99)(latency_ns_quantiles) AS whole
  ${CALLS}
  GROUP BY time`), { time: 'time', 'first token P50': 'first[1] / 1e6', 'first token P99': 'first[4] / 1e6', 'whole P50': 'whole[1] / 1e6', 'whole P99': 'whole[4] / 1e6' }, 'ORDER BY time')
        },
        {
          id: 14,
          title: 'Tokens',
          description: 'Cached ones are part of those sent, reasoning ones of those answered.',
          type: 'timeseries',
          unit: 'short',
          sql: grafanaSql(`SELECT $__timeInterval(minute) AS time, sum(m.input_tokens) AS sent, sum(m.cached_input_tokens) AS cached,
    sum(m.output_tokens) AS answered, sum(m.reasoning_tokens) AS reasoning
  ${CALLS}
  GROUP BY time
  ORDER BY time`)
        }
      ]
    },
    {
      height: 8,
      panels: [{
        id: 15,
        title: 'LLM calls by what is chosen above',
        type: 'table',
        units: { p50_ms: 'ms', p99_ms: 'ms', cost_usd: 'currencyUSD' },
        sql: columnsOf(queryOf(NAMED_QUERIES.breakdown, { ...SCOPE, by: variable('by') }), {
          value: 'value', calls: 'calls', errors: 'errors', p50_ms: 'p50_ms', p99_ms: 'p99_ms', input_tokens: 'input_tokens', output_tokens: 'output_tokens', cost_usd: 'cost_usd'
        })
      }]
    },
    {
      height: 8,
      panels: [
        {
          id: 16, title: 'Time to first token', type: 'table', units: { ttft_p50_ms: 'ms', ttft_p90_ms: 'ms', ttft_p99_ms: 'ms', total_p50_ms: 'ms', total_p90_ms: 'ms', total_p99_ms: 'ms', ttft_share: 'percentunit' }, sql: queryOf(NAMED_QUERIES.ttft, { ...SCOPE, model: MODEL })
        },
        {
          id: 17, title: 'Latency of LLM calls', type: 'table', units: { minimum_ms: 'ms', average_ms: 'ms', p50_ms: 'ms', p90_ms: 'ms', p99_ms: 'ms', maximum_ms: 'ms' }, sql: queryOf(NAMED_QUERIES['llm-latency'], { ...SCOPE, model: MODEL })
        }
      ]
    },
    {
      height: 9,
      panels: [
        {
          id: 18,
          title: 'Slowest runs',
          type: 'table',
          units: { duration: 'ms', cost: 'currencyUSD' },
          traceColumn: 'trace',
          sql: columnsOf(queryOf(NAMED_QUERIES['slow-runs'], { ...SCOPE, agent: AGENT, minimum_ms: '0', limit: '20' }), {
            started: STARTED, duration: 'duration_ms', steps: 'num_steps', outcome: 'outcome', tokens: 'total_tokens', cost: 'cost_usd', agent: 'agent_id', run: 'id', trace: 'trace_id'
          })
        },
        {
          id: 19,
          title: 'Latest failed LLM calls',
          type: 'table',
          units: { latency: 'ms' },
          traceColumn: 'trace',
          sql: columnsOf(queryOf(NAMED_QUERIES['traces-with-errors'], { ...SCOPE, model: MODEL, limit: '20' }), {
            started: STARTED, model: 'model', error: 'error_type', message: 'error_message', latency: 'latency_ms', run: 'run_id', trace: 'trace_id'
          })
        }
      ]
    },
    {
      height: 8,
      panels: [
        { id: 20, title: 'Busiest agents', type: 'table', units: { average_step_ms: 'ms', cost_usd: 'currencyUSD' }, sql: queryOf(NAMED_QUERIES['busiest-agents'], SCOPE) },
        { id: 21, title: 'Volume a day', type: 'table', units: { request_bytes: 'decbytes', response_bytes: 'decbytes', cost_usd: 'currencyUSD' }, sql: queryOf(NAMED_QUERIES['daily-volume'], SCOPE) }
      ]
    }
  ]
}
