import { ATTR_ORGANIZATION_ID } from './context.ts'

/**
 * Names of the OpenTelemetry conventions for generative AI (semantic conventions 1.45, in development there and so spelled
 * out here), and the names of a Letta server for what they do not know.
 */
export const ATTR_GEN_AI_OPERATION_NAME = 'gen_ai.operation.name'
export const ATTR_GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name'
export const ATTR_GEN_AI_REQUEST_MODEL = 'gen_ai.request.model'
export const ATTR_GEN_AI_REQUEST_STREAM = 'gen_ai.request.stream'
export const ATTR_GEN_AI_RESPONSE_ID = 'gen_ai.response.id'
export const ATTR_GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model'
export const ATTR_GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons'
/** Seconds. */
export const ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk'
export const ATTR_GEN_AI_CONVERSATION_ID = 'gen_ai.conversation.id'
export const ATTR_GEN_AI_AGENT_ID = 'gen_ai.agent.id'
export const ATTR_GEN_AI_AGENT_NAME = 'gen_ai.agent.name'
export const ATTR_GEN_AI_TOOL_NAME = 'gen_ai.tool.name'
export const ATTR_GEN_AI_TOOL_CALL_ID = 'gen_ai.tool.call.id'
export const ATTR_GEN_AI_TOKEN_TYPE = 'gen_ai.token.type'
/** All input tokens, those read from a cache and written to it included. */
export const ATTR_GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens'
export const ATTR_GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens'
export const ATTR_GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS = 'gen_ai.usage.cache_read.input_tokens'
export const ATTR_GEN_AI_USAGE_REASONING_OUTPUT_TOKENS = 'gen_ai.usage.reasoning.output_tokens'

export const OPERATION_INVOKE_AGENT = 'invoke_agent'
export const OPERATION_EXECUTE_TOOL = 'execute_tool'

export const TOKEN_TYPE_INPUT = 'input'
export const TOKEN_TYPE_OUTPUT = 'output'

/** Letta's ids of work, on every span of it. */
export const ATTR_RUN_ID = 'run.id'
export const ATTR_STEP_ID = 'step.id'
/** How a run, step, call or tool ended: `ok`, `error`, `cancelled`, `disconnected` or `incomplete`. */
export const ATTR_LETTA_OUTCOME = 'letta.outcome'
/** US dollars. */
export const ATTR_LETTA_COST_USD = 'letta.cost_usd'
/** Version of the price table that the cost is from. */
export const ATTR_LETTA_PRICE_VERSION = 'letta.price_version'
/** Whether output tokens were counted from chunks, because the provider never said. */
export const ATTR_LETTA_USAGE_ESTIMATED = 'letta.usage_estimated'
/** Milliseconds from the first output token to the last, for each token after the first. */
export const ATTR_LETTA_TIME_PER_OUTPUT_TOKEN_MS = 'letta.time_per_output_token_ms'
/** Content chunks of a streamed answer. */
export const ATTR_LETTA_CHUNK_COUNT = 'letta.chunk_count'

/** The ambient attributes that rows have a column for, by column. */
export const ATTRIBUTE_OF_COLUMN = Object.freeze({
  organization_id: ATTR_ORGANIZATION_ID,
  project_id: 'project.id',
  agent_id: 'agent.id',
  template_id: 'template.id',
  base_template_id: 'base_template.id'
})

/** `gen_ai.provider.name` by the end of a host's name; any other host is named after the shape of what it is asked. */
export const PROVIDER_OF_HOST: ReadonlyMap<string, string> = new Map([
  ['openai.com', 'openai'],
  ['openai.azure.com', 'azure.ai.openai'],
  ['anthropic.com', 'anthropic'],
  ['mistral.ai', 'mistral_ai'],
  ['groq.com', 'groq'],
  ['deepseek.com', 'deepseek'],
  ['perplexity.ai', 'perplexity'],
  ['x.ai', 'x_ai'],
  ['cohere.com', 'cohere'],
  ['googleapis.com', 'gcp.gen_ai']
])
