import type { TokenUsage } from './usage.ts'
import type { EndOptions } from './work.ts'

/** What is known of an LLM call when it begins. */
export interface LlmCallOptions {
  /** `gen_ai.provider.name`: `openai`, `anthropic` or a name of your own. */
  readonly provider: string
  readonly model: string
  /** `gen_ai.operation.name`. @default 'chat' */
  readonly operation?: string
  /** What is asked, as JSON; kept where payloads are. */
  readonly request?: unknown
  /** Tells that the call was cancelled. */
  readonly signal?: AbortSignal
}

/** What whoever ends an LLM call knows of it. */
export interface LlmCallEndOptions extends EndOptions {
  /** The answer, as JSON: usage and model are read from it where it has OpenAI's or Anthropic's shape; kept where payloads are. */
  readonly response?: unknown
  /** What is given here wins over what was seen of the answer. Tokens of requests that failed before it count beside it. */
  readonly usage?: Partial<TokenUsage>
}

/** What is known of a call by its request alone. */
export interface CallDescription extends LlmCallOptions {
  /** @default the operation */
  readonly callType?: string | undefined
  readonly streamed?: boolean | undefined
  readonly body?: Uint8Array | undefined
  /** Nobody's callback: it is found where it was begun. */
  readonly byHand?: boolean
}
