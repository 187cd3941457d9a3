import type { InstrumentFacts } from './metrics.ts'

/** Agents' work lasts from a millisecond to many minutes. */
const MILLISECOND_EDGES = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000]
/** OpenTelemetry conventions for generative AI: from 0.01 s, doubling. */
const SECOND_EDGES = Array.from({ length: 14 }, (_, power) => Number((0.01 * 2 ** power).toFixed(2)))
/** OpenTelemetry conventions for generative AI: from 1, four times as much each. */
const TOKEN_EDGES = Array.from({ length: 14 }, (_, power) => 4 ** power)
/** From a kilobyte to a gigabyte, four times as much each. */
const BYTE_EDGES = Array.from({ length: 11 }, (_, power) => 1_024 * 4 ** power)
const USD_EDGES = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50]

// Letta. Its step times were recorded in nanoseconds under a name and unit of milliseconds, its costs never: both are right here.
export const USER_MESSAGES: InstrumentFacts = { name: 'count_user_message', unit: '1', description: 'Messages of users that runs answer.' }
export const TOOL_EXECUTIONS: InstrumentFacts = { name: 'count_tool_execution', unit: '1', description: 'Tools that were executed.' }
/** A later one of Letta's, whose name begins with no kind of instrument. */
export const PROVIDER_TIMEOUTS: InstrumentFacts = {
  name: 'provider_timeout_total', unit: '1', description: 'Requests to model providers that took longer than they might.'
}
export const TTFT: InstrumentFacts = {
  name: 'hist_ttft_ms', unit: 'ms', description: 'Time from sending a request to the first chunk with content.', boundaries: MILLISECOND_EDGES
}
export const LLM_EXECUTION_TIME: InstrumentFacts = {
  name: 'hist_llm_execution_time_ms', unit: 'ms', description: 'Time from sending a request to the end of its answer.', boundaries: MILLISECOND_EDGES
}
export const TOOL_EXECUTION_TIME: InstrumentFacts = {
  name: 'hist_tool_execution_time_ms', unit: 'ms', description: 'Duration of tools.', boundaries: MILLISECOND_EDGES
}
export const STEP_EXECUTION_TIME: InstrumentFacts = {
  name: 'hist_step_execution_time_ms', unit: 'ms', description: 'Duration of steps.', boundaries: MILLISECOND_EDGES
}
export const MESSAGE_COST: InstrumentFacts = {
  name: 'hist_message_cost_usd', unit: 'usd', description: 'Cost of answers, by the price table.', boundaries: USD_EDGES
}
export const MESSAGE_OUTPUT_TOKENS: InstrumentFacts = {
  name: 'hist_message_output_tokens', unit: '1', description: 'Output tokens of answers.', boundaries: TOKEN_EDGES
}
export const FILE_PROCESS_BYTES: InstrumentFacts = {
  name: 'hist_file_process_bytes', unit: 'By', description: 'Size of files that were processed.', boundaries: BYTE_EDGES
}

// OpenTelemetry semantic conventions (1.45), in development there and so spelled out here.
export const GEN_AI_OPERATION_DURATION: InstrumentFacts = {
  name: 'gen_ai.client.operation.duration', unit: 's', description: 'GenAI operation duration.', boundaries: SECOND_EDGES
}
export const GEN_AI_TOKEN_USAGE: InstrumentFacts = {
  name: 'gen_ai.client.token.usage', unit: '{token}', description: 'Number of input and output tokens used.', boundaries: TOKEN_EDGES
}
export const GEN_AI_TIME_TO_FIRST_CHUNK: InstrumentFacts = {
  name: 'gen_ai.client.operation.time_to_first_chunk', unit: 's', description: 'Time to receive the first chunk of a streamed answer.', boundaries: SECOND_EDGES
}
export const GEN_AI_TIME_PER_OUTPUT_CHUNK: InstrumentFacts = {
  name: 'gen_ai.client.operation.time_per_output_chunk', unit: 's', description: 'Time between two chunks of a streamed answer.', boundaries: SECOND_EDGES
}

// Of this package itself.
export const ABANDONED_WORK: InstrumentFacts = {
  name: 'letta_otel.agent.work.abandoned', unit: '{work}', description: 'Runs, steps, LLM calls and tools that were ended as incomplete because too much was open.'
}

/** Attributes of Letta's instruments. */
export const ATTR_METRIC_MODEL = 'model'
export const ATTR_METRIC_PROVIDER = 'provider'
export const ATTR_METRIC_TOOL = 'tool'
export const ATTR_METRIC_TOOL_NAME = 'tool_name'
export const ATTR_METRIC_TOOL_EXECUTION_SUCCESS = 'tool_execution_success'
export const ATTR_METRIC_STEP_ID = 'step_id'
