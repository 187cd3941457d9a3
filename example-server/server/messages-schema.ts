/** Types of a route that takes messages for an agent. */
export interface MessagesRoute {
  Params: { agent_id: string }
  Body: { messages: Array<{ role: 'user' | 'system', content: string }> }
}

export const MESSAGES_SCHEMA = {
  body: {
    type: 'object',
    required: ['messages'],
    properties: {
      messages: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: {
          type: 'object',
          required: ['role', 'content'],
          properties: {
            role: { enum: ['user', 'system'] },
            content: { type: 'string', minLength: 1, maxLength: 100_000 }
          }
        }
      }
    }
  }
}
