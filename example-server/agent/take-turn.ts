import type { Run, Step } from 'letta-otel'
import { callTool, type ToolReturn } from '../tools/call-tool.ts'
import type { Tool } from '../tools/tool.ts'
import type { AskModel, ChatMessage, ModelReply, ToolCall, Usage } from './chat-message.ts'
import { workOf } from './work-of.ts'

/** What happens in a turn: a piece of the answer's text, a tool that is called, what it returned. */
export type TurnEvent =
  | { readonly type: 'text', readonly text: string }
  | { readonly type: 'tool_call', readonly call: ToolCall }
  | { readonly type: 'tool_return', readonly call: ToolCall, readonly result: ToolReturn }

/** A turn that is over. */
export interface Turn {
  readonly runId: string
  /** What it adds to the conversation. */
  readonly added: readonly ChatMessage[]
  /** Calls of the model. */
  readonly steps: number
  readonly stopReason: 'end_turn' | 'max_steps'
  readonly usage: Usage
}

const STEPS_MAX = 5

/** Asks the model, calls the tools it wants and shows it what they returned, until it answers. */
export async function * takeTurn (conversation: readonly ChatMessage[], ask: AskModel, tools: readonly Tool[], run: Run): AsyncGenerator<TurnEvent, Turn> {
  return yield * workOf(run, turnEvents(conversation, ask, tools, run))
}

async function * turnEvents (conversation: readonly ChatMessage[], ask: AskModel, tools: readonly Tool[], run: Run): AsyncGenerator<TurnEvent, Turn> {
  const added: ChatMessage[] = []
  const usage = { promptTokens: 0, completionTokens: 0 }
  for (let steps = 1; ; steps++) {
    const step = run.startStep()
    const reply = yield * workOf(step, stepEvents(ask([...conversation, ...added]), tools, step, added))
    usage.promptTokens += reply.usage.promptTokens
    usage.completionTokens += reply.usage.completionTokens
    const over = reply.toolCalls.length === 0
    if (over || steps === STEPS_MAX) return { runId: run.id, added, steps, stopReason: over ? 'end_turn' : 'max_steps', usage }
  }
}

/** What the model says, and the tools that it wants. Adds all of it to the conversation. */
async function * stepEvents (answer: AsyncGenerator<string, ModelReply>, tools: readonly Tool[], step: Step, added: ChatMessage[]): AsyncGenerator<TurnEvent, ModelReply> {
  const reply = yield * textEvents(answer)
  const { content, toolCalls } = reply
  added.push(toolCalls.length === 0
    ? { role: 'assistant', content }
    : { role: 'assistant', content: content === '' ? null : content, tool_calls: toolCalls })
  for (const call of toolCalls) {
    yield { type: 'tool_call', call }
    const { name, arguments: text } = call.function
    const tool = step.startTool({ name, id: call.id })
    const result = tool.within(() => callTool(tools, name, text))
    tool.end({ outcome: result.status === 'success' ? 'ok' : 'error' })
    yield { type: 'tool_return', call, result }
    added.push({ role: 'tool', tool_call_id: call.id, content: result.content })
  }
  return reply
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
