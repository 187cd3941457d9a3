/** A tool that the model asks for; `arguments` is JSON text, as the model wrote it. */
export interface ToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string, readonly arguments: string }
}

/** A message of a conversation, in the form of the chat-completions API. */
export type ChatMessage =
  | { readonly role: 'system' | 'user', readonly content: string }
  | { readonly role: 'assistant', readonly content: string | null, readonly tool_calls?: readonly ToolCall[] }
  | { readonly role: 'tool', readonly tool_call_id: string, readonly content: string }

/** Tokens, as the provider counts them. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
}

/** What a model answers with: text, or tools it wants to see called first. */
export interface ModelReply {
  readonly content: string
  readonly toolCalls: readonly ToolCall[]
  readonly usage: Usage
}

/** Asks a model. Yields pieces of its text as they come and returns the whole reply. */
export type AskModel = (messages: readonly ChatMessage[]) => AsyncGenerator<string, ModelReply>
