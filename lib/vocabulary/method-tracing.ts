/** Parameters of traced methods that are large in an agent server (Letta): their type and ids are recorded, not their values. */
export const LEFT_OUT_PARAMETERS: readonly string[] = Object.freeze([
  'agent_state', 'messages', 'in_context_messages', 'message_sequence', 'content', 'tool_returns', 'memory', 'sources', 'context',
  'source_code', 'system', 'text_chunks', 'embeddings', 'embedding', 'file_bytes', 'chunks'
])

/** Parameters that are recorded whatever is left out (Letta). */
export const NEVER_LEFT_OUT_PARAMETERS: readonly string[] = Object.freeze(['request_data'])

/** How much a span keeps of a call's parameters. */
export interface ParameterLimits {
  /** Characters of one value. @default 2,097,152 (Letta) */
  readonly value: number
  /** Characters of all values of a call together. @default 4,194,304 (Letta) */
  readonly total: number
  /** Items of one collection; a larger one is recorded as `<Type with N items>`. @default 1,000 */
  readonly items: number
}

export const PARAMETER_LIMITS: ParameterLimits = Object.freeze({ value: 2 * 1024 * 1024, total: 4 * 1024 * 1024, items: 1_000 })

/** Ids that a summary of a list names (Letta). */
export const SUMMARY_IDS_MAX = 5

/** `parameter.<name>` (Letta): one parameter of a traced method. */
export const parameterAttribute = (name: string): string => `parameter.${name}`
/** Set where parameters were cut off or left away because all of them together are too long (Letta). */
export const ATTR_PARAMETERS_TRUNCATED = 'parameters.truncated'
export const ATTR_PARAMETERS_TRUNCATED_REASON = 'parameters.truncated_reason'

/** Attributes of the exception event of a call that was cancelled (Letta). */
export const ATTR_TASK_NAME = 'task.name'
export const ATTR_FUNCTION_NAME = 'function.name'
export const ATTR_FUNCTION_MODULE = 'function.module'
export const ATTR_CANCELLATION_TIMESTAMP = 'cancellation.timestamp'
