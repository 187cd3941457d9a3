import { randomUUID } from 'node:crypto'
import type { ChatMessage, ToolCall } from '../agent/chat-message.ts'
import type { ChosenReply, ChosenToolCall } from './choose-reply.ts'
import { tokensOf } from './tokens.ts'

export interface Completion {
  readonly id: string
  readonly model: string
  readonly prompt: readonly ChatMessage[]
  readonly chosen: ChosenReply
}

/** A completion in one piece. */
export function wholeCompletion ({ id, model, prompt, chosen }: Completion): object {
  const { text, toolCall } = chosen
  const message = { role: 'assistant', content: toolCall === undefined ? text : null, ...(toolCall && { tool_calls: [toolCallOf(toolCall)] }) }
  return {
    id,
    object: 'chat.completion',
    created: now(),
    model,
    choices: [{ index: 0, message, finish_reason: finishReason(chosen) }],
    usage: usageOf(prompt, chosen)
  }
}

/** A completion in the pieces of a stream; the last one counts the tokens. */
export function completionChunks ({ id, model, prompt, chosen }: Completion): object[] {
  const created = now()
  const chunk = (choices: object[], usage: object | null): object => ({ id, object: 'chat.completion.chunk', created, model, choices, usage })
  const deltas = chosen.toolCall === undefined ? tokensOf(chosen.text).map(content => ({ content })) : toolCallDeltas(chosen.toolCall)
  return [
    ...[{ role: 'assistant', content: '' }, ...deltas].map(delta => chunk([{ index: 0, delta, finish_reason: null }], null)),
    chunk([{ index: 0, delta: {}, finish_reason: finishReason(chosen) }], null),
    chunk([], usageOf(prompt, chosen))
  ]
}

/** The name comes first, then the arguments in pieces that are no JSON by themselves. */
function toolCallDeltas (chosen: ChosenToolCall): object[] {
  const { function: { name, arguments: text }, ...call } = toolCallOf(chosen)
  return [
    { tool_calls: [{ index: 0, ...call, function: { name, arguments: '' } }] },
    ...tokensOf(text).map(piece => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))
  ]
}

function toolCallOf ({ name, arguments: values }: ChosenToolCall): ToolCall {
  return { id: `call_${randomUUID()}`, type: 'function', function: { name, arguments: JSON.stringify(values) } }
}

function finishReason ({ toolCall }: ChosenReply): string {
  return toolCall === undefined ? 'stop' : 'tool_calls'
}

function usageOf (prompt: readonly ChatMessage[], { text, toolCall }: ChosenReply): object {
  const promptTokens = tokensOf(prompt.map(({ content }) => content ?? '').join(' ')).length
  const completionTokens = tokensOf(toolCall === undefined ? text : JSON.stringify(toolCall)).length
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens }
}

function now (): number {
  return Math.floor(Date.now() / 1_000)
}
