import { callTool, type ToolReturn } from '../tools/call-tool.ts'
import type { Tool } from '../tools/tool.ts'
import type { AskModel, ChatMessage, ToolCall, Usage } from './chat-message.ts'

/** What happens in a turn: a piece of the answer's text, a tool that is called, what it returned. */
export type TurnEvent =
  | { readonly type: 'text', readonly text: string }
  | { readonly type: 'tool_call', readonly call: ToolCall }
  | { readonly type: 'tool_return', readonly call: ToolCall, readonly result: ToolReturn }

/** A turn that is over. */
export interface Turn {
  /** What it adds to the conversation. */
  readonly added: readonly ChatMessage[]
  /** Calls of the model. */
  readonly steps: number
  readonly stopReason: 'end_turn' | 'max_steps'
  readonly usage: Usage
}

const STEPS_MAX = 5

/** Asks the model, calls the tools it wants and shows it what they returned, until it answers. */
export async function * takeTurn (conversation: readonly ChatMessage[], ask: AskModel, tools: readonly Tool[]): AsyncGenerator<TurnEvent, Turn> {
  const added: ChatMessage[] = []
  const usage = { promptTokens: 0, completionTokens: 0 }
  for (let steps = 1; ; steps++) {
    const reply = yield * textEvents(ask([...conversation, ...added]))
    usage.promptTokens += reply.usage.promptTokens
    usage.completionTokens += reply.usage.completionTokens
    if (reply.toolCalls.length === 0) {
      added.push({ role: 'assistant', content: reply.content })
      return { added, steps, stopReason: 'end_turn', usage }
    }
    added.push({ role: 'assistant', content: reply.content === '' ? null : reply.content, tool_calls: reply.toolCalls })
    for (const call of reply.toolCalls) {
      yield { type: 'tool_call', call }
      const result = callTool(tools, call.function.name, call.function.arguments)
      yield { type: 'tool_return', call, result }
      added.push({ role: 'tool', tool_call_id: call.id, content: result.content })
    }
    if (steps === STEPS_MAX) return { added, steps, stopReason: 'max_steps', usage }
  }
}

async function * textEvents<Reply> (pieces: AsyncGenerator<string, Reply>): AsyncGenerator<TurnEvent, Reply> {
  try {
    for (;;) {
      const next = await pieces.next()
      if (next.done === true) return next.value
      yield { type: 'text', text: next.value }
    }
  } finally {
    // A reader that leaves early ends the call of the model too.
    await pieces.return(undefined as Reply)
  }
}
