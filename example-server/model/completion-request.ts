import type { ChatMessage } from '../agent/chat-message.ts'

/** What is read of a chat-completions request. */
export interface CompletionRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly tools?: ReadonlyArray<{ readonly function: { readonly name: string } }>
  readonly stream?: boolean
}

export const COMPLETION_SCHEMA = {
  body: {
    type: 'object',
    required: ['model', 'messages'],
    properties: {
      model: { type: 'string', minLength: 1 },
      messages: { type: 'array', minItems: 1, items: { type: 'object', required: ['role'], properties: { role: { type: 'string' } } } },
      tools: {
        type: 'array',
        items: {
          type: 'object',
          required: ['function'],
          properties: { function: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } }
        }
      },
      stream: { type: 'boolean' }
    }
  }
}
