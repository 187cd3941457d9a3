/** JSON schemas of what `telemetryRoutes` takes and answers. */
type Schema = Readonly<Record<string, unknown>>

const TEXT: Schema = { type: 'string' }
const COUNT: Schema = { type: 'integer' }
const FLAG: Schema = { type: 'boolean' }
/** Nanoseconds are 64-bit integers, which JSON's numbers are not: decimal text, as in OTLP's JSON. */
const NANOSECONDS: Schema = { type: ['string', 'null'], pattern: '^\\d+$' }
const TIME: Schema = { type: 'string', format: 'date-time' }
const USD: Schema = { type: ['number', 'null'] }
/** Any JSON value. */
const ANY: Schema = Object.freeze({})

function object (properties: Record<string, Schema>): Schema {
  return { type: 'object', properties }
}

function columns (names: string, schema: Schema): Record<string, Schema> {
  return Object.fromEntries(names.split(' ').map(name => [name, schema]))
}

const SHARED = {
  ...columns('id organization_id project_id agent_id template_id base_template_id trace_id outcome error_type', TEXT),
  ...columns('input_tokens output_tokens cached_input_tokens reasoning_tokens total_tokens', COUNT),
  ...columns('created_at updated_at', TIME),
  cost_usd: USD
}

const RUN = object({
  ...SHARED,
  ...columns('run_start_ns run_ns', NANOSECONDS),
  ...columns('num_steps num_llm_calls', COUNT),
  tools_used: { type: 'array', items: TEXT }
})

const STEP = object({
  ...SHARED,
  ...columns('run_id provider_id', TEXT),
  ...columns('step_start_ns step_ns llm_request_start_ns llm_request_ns ttft_ns tool_execution_ns', NANOSECONDS)
})

const CALL_COLUMNS = {
  ...SHARED,
  ...columns('step_id run_id span_id call_type provider model response_model price_version error_message', TEXT),
  ...columns('request_start_ns latency_ns ttft_ns', NANOSECONDS),
  ...columns('chunk_count request_bytes response_bytes', COUNT),
  ...columns('usage_estimated is_error', FLAG)
}

const CALL = object({
  ...CALL_COLUMNS,
  ...columns('request_json response_json', ANY),
  ...columns('request_original_size response_original_size', COUNT),
  ...columns('request_sha256 response_sha256', TEXT),
  payloads_omitted: FLAG
})

const JOB = object({ ...columns('id organization_id', TEXT), ...columns('ttft_ns total_duration_ns', NANOSECONDS), ...columns('created_at updated_at', TIME) })

const ERROR = object({ statusCode: COUNT, code: TEXT, error: TEXT, message: TEXT })

/** The schema of a route that is asked for one id. */
function route (parameter: string, answer: Schema): Schema {
  return {
    params: { type: 'object', required: [parameter], properties: { [parameter]: { type: 'string', minLength: 1, maxLength: 200 } } },
    response: { 200: answer, '4xx': ERROR, '5xx': ERROR }
  }
}

export const STEP_METRICS_SCHEMA = route('step_id', STEP)
export const RUN_METRICS_SCHEMA = route('run_id', RUN)
export const JOB_METRICS_SCHEMA = route('job_id', JOB)
export const PROVIDER_TRACE_SCHEMA = route('step_id', CALL)
export const STEP_TRACE_SCHEMA = route('step_id', object({ step_id: TEXT, provider_traces: { type: 'array', items: CALL }, truncated: FLAG }))
export const RUN_TRACE_SCHEMA = route('run_id', object({
  run: RUN,
  steps: { type: 'array', items: STEP },
  provider_traces: { type: 'array', items: object(CALL_COLUMNS) },
  truncated: FLAG
}))
