/** Tokens of one LLM call, or of several. */
export interface TokenUsage {
  /** All input tokens, those read from a cache and written to it included. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** Of the input tokens, those read from a cache. */
  readonly cachedInputTokens: number
  /** Of the input tokens, those written to a cache, where a provider says so. */
  readonly cacheWriteInputTokens?: number
  /** Of the output tokens, those of reasoning. */
  readonly reasoningTokens: number
}

export const NO_USAGE: TokenUsage = Object.freeze({ inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, reasoningTokens: 0 })

export function addUsage (a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens
  }
}

export function subtractUsage (a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    inputTokens: a.inputTokens - b.inputTokens,
    outputTokens: a.outputTokens - b.outputTokens,
    cachedInputTokens: a.cachedInputTokens - b.cachedInputTokens,
    reasoningTokens: a.reasoningTokens - b.reasoningTokens
  }
}

/** What an answer, or a part of one, says of its usage. */
export interface UsageNews extends Partial<TokenUsage> {
  /** The input tokens are without those of the caches that nothing is said of here. */
  readonly withoutCaches?: boolean
}

/** What is known later wins; what it does not mention stays. */
export function updateUsage (known: TokenUsage | undefined, news: UsageNews): TokenUsage {
  const input = count(news.inputTokens)
  const read = count(news.cachedInputTokens)
  const written = count(news.cacheWriteInputTokens)
  const saidBefore = news.withoutCaches === true
    ? (read === undefined ? known?.cachedInputTokens ?? 0 : 0) + (written === undefined ? known?.cacheWriteInputTokens ?? 0 : 0)
    : 0
  const cacheWrite = written ?? known?.cacheWriteInputTokens
  return {
    inputTokens: input === undefined ? known?.inputTokens ?? 0 : input + saidBefore,
    outputTokens: count(news.outputTokens) ?? known?.outputTokens ?? 0,
    cachedInputTokens: read ?? known?.cachedInputTokens ?? 0,
    ...cacheWrite !== undefined && { cacheWriteInputTokens: cacheWrite },
    reasoningTokens: count(news.reasoningTokens) ?? known?.reasoningTokens ?? 0
  }
}

/**
 * Reads the `usage` of an answer or of a part of one: `prompt_tokens` and `completion_tokens` (OpenAI's chat), or
 * `input_tokens` and `output_tokens` (OpenAI's responses, Anthropic's messages).
 *
 * @returns only what it says; nothing where it is no usage
 */
export function readUsage (usage: unknown): UsageNews | undefined {
  if (!isObject(usage)) return undefined
  const input = count(usage['prompt_tokens']) ?? count(usage['input_tokens'])
  const output = count(usage['completion_tokens']) ?? count(usage['output_tokens'])
  if (input === undefined && output === undefined) return undefined
  const read = count(usage['cache_read_input_tokens'])
  const written = count(usage['cache_creation_input_tokens'])
  const cached = read ?? count(member(usage, 'prompt_tokens_details', 'cached_tokens')) ?? count(member(usage, 'input_tokens_details', 'cached_tokens'))
  const reasoning = count(member(usage, 'completion_tokens_details', 'reasoning_tokens')) ?? count(member(usage, 'output_tokens_details', 'reasoning_tokens'))
  return {
    // Anthropic leaves what was read from its cache and written to it out of its input tokens; the conventions do not.
    ...input !== undefined && { inputTokens: input + (read ?? 0) + (written ?? 0) },
    ...output !== undefined && { outputTokens: output },
    ...cached !== undefined && { cachedInputTokens: cached },
    ...written !== undefined && { cacheWriteInputTokens: written },
    ...reasoning !== undefined && { reasoningTokens: reasoning },
    // The last of a streamed answer may leave out what the first has said.
    ...input !== undefined && (usage['cache_read_input_tokens'] === null || usage['cache_creation_input_tokens'] === null) && { withoutCaches: true }
  }
}

function member (usage: Record<string, unknown>, details: string, name: string): unknown {
  const value = usage[details]
  return isObject(value) ? value[name] : undefined
}

function count (value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

export function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
