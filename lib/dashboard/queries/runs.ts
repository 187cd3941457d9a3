import { defineQuery, rowLimit, startedInRange, TIME_RANGE } from '../../store/queries/named-query.ts'

const OWN = '({all_organizations:UInt8} = 1 OR organization_id = {organization:String})'
const RUN_PARAMETER = { run: { kind: 'text', description: 'id of the run' } } as const
const USAGE = { input_tokens: 'count', output_tokens: 'count', cached_input_tokens: 'count', reasoning_tokens: 'count', cost_usd: 'dollars' } as const
const USAGE_SQL = 'input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_usd'

const RUNS_IN_ORDER = 'multiIf({order:String} = \'slowest\', toFloat64(ifNull(run_ns, 0)), {order:String} = \'dearest\', ifNull(cost_usd, 0), 0) DESC, run_start_ns DESC, id'

export const runs = defineQuery({
  name: 'runs',
  title: 'Runs',
  description: 'Agent runs, the newest first, with the time to the first token of their first call that streamed.',
  parameters: {
    ...TIME_RANGE,
    run: { kind: 'text', description: 'only the run of this id', default: '' },
    agent: { kind: 'text', description: 'only runs of this agent', default: '' },
    model: { kind: 'text', description: 'only runs that called this model', default: '' },
    outcome: { kind: 'text', description: 'only runs that ended so: ok, error, cancelled, disconnected, incomplete or running', default: '' },
    minimum_ms: { kind: 'number', description: 'milliseconds a run took at least', default: 0, minimum: 0, maximum: 1e12 },
    order: { kind: 'choice', description: 'which come first', default: 'newest', choices: ['newest', 'slowest', 'dearest'] },
    ...rowLimit(100)
  },
  columns: {
    run_id: 'text', started: 'time', duration_ms: 'milliseconds', ttft_ms: 'milliseconds', outcome: 'text', error_type: 'text', steps: 'count', calls: 'count', models: 'text', tools: 'text', ...USAGE, agent_id: 'text', organization_id: 'text', trace_id: 'text'
  },
  maximumDays: 400,
  sql: `
    WITH
      found AS (
        SELECT * FROM run_metrics FINAL
        WHERE ${startedInRange('run_start_ns')}
          AND ${OWN}
          AND ({run:String} = '' OR id = {run:String})
          AND ({agent:String} = '' OR agent_id = {agent:String})
          AND ({outcome:String} = '' OR outcome = {outcome:String})
          AND ifNull(run_ns, 0) >= {minimum_ms:Float64} * 1e6
          AND ({model:String} = '' OR id IN (SELECT run_id FROM provider_traces WHERE model = {model:String}
            AND request_start_ns >= fromUnixTimestamp64Nano({from:Int64})))
        ORDER BY ${RUNS_IN_ORDER}
        LIMIT {limit:UInt32}
      ),
      calls_of AS (
        SELECT organization_id, run_id, argMinIf(ttft_ns, request_start_ns, ttft_ns IS NOT NULL) AS ttft_ns, arrayStringConcat(arraySort(groupUniqArray(10)(model)), ', ') AS models
        FROM provider_traces FINAL
        WHERE run_id IN (SELECT id FROM found) AND request_start_ns >= fromUnixTimestamp64Nano({from:Int64})
        GROUP BY organization_id, run_id
      )
    SELECT r.id AS run_id, toUnixTimestamp64Nano(run_start_ns) AS started, run_ns / 1e6 AS duration_ms, c.ttft_ns / 1e6 AS ttft_ms, outcome, error_type,
      num_steps AS steps, num_llm_calls AS calls, c.models AS models, arrayStringConcat(tools_used, ', ') AS tools, ${USAGE_SQL}, agent_id,
      r.organization_id AS organization_id, trace_id
    FROM found AS r LEFT JOIN calls_of AS c ON r.organization_id = c.organization_id AND r.id = c.run_id
    ORDER BY ${RUNS_IN_ORDER}`
})

export const runSteps = defineQuery({
  name: 'run-steps',
  title: 'Steps of a run',
  description: 'The steps of one run, in the order of their start.',
  parameters: { ...RUN_PARAMETER, ...rowLimit(500) },
  columns: {
    step_id: 'text', started: 'time', duration_ms: 'milliseconds', tools_ms: 'milliseconds', outcome: 'text', error_type: 'text', ...USAGE, trace_id: 'text'
  },
  sql: `
    SELECT id AS step_id, toUnixTimestamp64Nano(step_start_ns) AS started, step_ns / 1e6 AS duration_ms, tool_execution_ns / 1e6 AS tools_ms,
      outcome, error_type, ${USAGE_SQL}, trace_id
    FROM step_metrics FINAL
    WHERE run_id = {run:String} AND ${OWN}
    ORDER BY step_start_ns, id
    LIMIT {limit:UInt32}`
})

export const runCalls = defineQuery({
  name: 'run-calls',
  title: 'LLM calls of a run',
  description: 'The LLM calls of one run, in the order of their start.',
  parameters: { ...RUN_PARAMETER, ...rowLimit(500) },
  columns: {
    call_id: 'text', step_id: 'text', started: 'time', duration_ms: 'milliseconds', ttft_ms: 'milliseconds', provider: 'text', model: 'text', chunks: 'count', outcome: 'text', error_type: 'text', error_message: 'text', ...USAGE, usage_estimated: 'flag', request_bytes: 'bytes', response_bytes: 'bytes', trace_id: 'text', span_id: 'text'
  },
  sql: `
    SELECT id AS call_id, step_id, toUnixTimestamp64Nano(request_start_ns) AS started, latency_ns / 1e6 AS duration_ms, ttft_ns / 1e6 AS ttft_ms,
      provider, model, chunk_count AS chunks, outcome, error_type, error_message, ${USAGE_SQL}, usage_estimated, request_bytes, response_bytes,
      trace_id, span_id
    FROM provider_traces FINAL
    WHERE run_id = {run:String} AND ${OWN}
    ORDER BY request_start_ns, id
    LIMIT {limit:UInt32}`
})

export const runTools = defineQuery({
  name: 'run-tools',
  title: 'Tools of a run',
  description: 'Tools that one run executed, from the spans of its trace, in the order of their start.',
  parameters: { ...RUN_PARAMETER, ...rowLimit(500) },
  columns: { span_id: 'text', trace_id: 'text', step_id: 'text', tool: 'text', started: 'time', duration_ms: 'milliseconds', outcome: 'text', error_type: 'text' },
  sql: `
    WITH traces AS (SELECT trace_id FROM run_metrics FINAL WHERE id = {run:String} AND trace_id != '' AND ${OWN})
    SELECT SpanId AS span_id, TraceId AS trace_id, SpanAttributes['step.id'] AS step_id, SpanAttributes['gen_ai.tool.name'] AS tool,
      toUnixTimestamp64Nano(Timestamp) AS started, Duration / 1e6 AS duration_ms,
      if(SpanAttributes['letta.outcome'] != '', SpanAttributes['letta.outcome'], if(StatusCode = 'Error', 'error', 'ok')) AS outcome,
      SpanAttributes['error.type'] AS error_type
    FROM otel_traces
    WHERE TraceId IN (SELECT trace_id FROM traces)
      AND Timestamp >= (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId IN (SELECT trace_id FROM traces))
      AND Timestamp <= (SELECT max(End) + INTERVAL 1 SECOND FROM otel_traces_trace_id_ts WHERE TraceId IN (SELECT trace_id FROM traces))
      AND SpanAttributes['gen_ai.operation.name'] = 'execute_tool' AND SpanAttributes['run.id'] = {run:String}
      AND ({all_organizations:UInt8} = 1 OR SpanAttributes['organization.id'] = {organization:String})
    ORDER BY Timestamp, SpanId
    LIMIT {limit:UInt32}`
})

export const callPayload = defineQuery({
  name: 'call-payload',
  title: 'What was said in an LLM call',
  description: 'Request and answer of one call, where they were kept: without secrets, and cut off within the JSON where they were long.',
  parameters: { call: { kind: 'text', description: 'id of the call, as provider_trace-…' } },
  columns: { request_json: 'text', response_json: 'text', request_bytes: 'bytes', response_bytes: 'bytes', request_sha256: 'text', response_sha256: 'text' },
  sql: `
    SELECT request_json, response_json, request_original_size AS request_bytes, response_original_size AS response_bytes, request_sha256, response_sha256
    FROM provider_trace_payloads FINAL
    WHERE id = {call:String} AND ${OWN}
    LIMIT 1`
})

export const callComparison = defineQuery({
  name: 'call-comparison',
  title: 'LLM calls compared',
  description: 'LLM calls by model, agent or provider: how many, how they ended, time to first token, latency, tokens, dollars.',
  parameters: {
    ...TIME_RANGE,
    by: { kind: 'choice', description: 'what to compare', default: 'model', choices: ['model', 'agent', 'provider'] },
    ...rowLimit(50)
  },
  columns: {
    value: 'text', calls: 'count', errors: 'count', error_rate: 'ratio', ttft_p50_ms: 'milliseconds', ttft_p99_ms: 'milliseconds', p50_ms: 'milliseconds', p90_ms: 'milliseconds', p99_ms: 'milliseconds', tokens_per_second: 'number', input_tokens: 'count', output_tokens: 'count', cached_input_tokens: 'count', cost_usd: 'dollars', cost_per_call_usd: 'dollars'
  },
  maximumDays: 400,
  sql: `
    SELECT multiIf({by:String} = 'agent', agent_id, {by:String} = 'provider', provider, model) AS value,
      count() AS calls, countIf(is_error) AS errors, errors / calls AS error_rate,
      quantileTDigest(0.5)(c.ttft_ns) / 1e6 AS ttft_p50_ms, quantileTDigest(0.99)(c.ttft_ns) / 1e6 AS ttft_p99_ms,
      quantilesTDigest(0.5, 0.9, 0.99)(c.latency_ns) AS latency, latency[1] / 1e6 AS p50_ms, latency[2] / 1e6 AS p90_ms, latency[3] / 1e6 AS p99_ms,
      sumIf(c.output_tokens, c.ttft_ns IS NOT NULL) / nullIf(sum(c.latency_ns - c.ttft_ns) / 1e9, 0) AS tokens_per_second,
      sum(c.input_tokens) AS input_tokens, sum(c.output_tokens) AS output_tokens, sum(c.cached_input_tokens) AS cached_input_tokens,
      sum(c.cost_usd) AS cost_usd, avg(c.cost_usd) AS cost_per_call_usd
    FROM provider_traces AS c FINAL
    WHERE ${startedInRange('request_start_ns')}
      AND outcome != 'running' AND ${OWN}
    GROUP BY value
    ORDER BY calls DESC, value
    LIMIT {limit:UInt32}`
})
