import type { Turn, TurnEvent } from '../agent/take-turn.ts'

/** Something that happened in a turn, as the API shows it. */
export type MessageView =
  | { readonly message_type: 'assistant_message', readonly content: string }
  | { readonly message_type: 'tool_call_message', readonly tool_call: { readonly tool_call_id: string, readonly name: string, readonly arguments: string } }
  | { readonly message_type: 'tool_return_message', readonly tool_call_id: string, readonly status: 'success' | 'error', readonly tool_return: string }

/** A whole turn, as the API shows it. */
export interface TurnView {
  /** Of its telemetry: `GET /v1/runs/:run_id/trace`. */
  readonly run_id: string
  readonly messages: readonly MessageView[]
  readonly stop_reason: Turn['stopReason']
  readonly usage: { readonly prompt_tokens: number, readonly completion_tokens: number, readonly total_tokens: number, readonly step_count: number }
}

export function messageView (event: TurnEvent): MessageView {
  switch (event.type) {
    case 'text': return { message_type: 'assistant_message', content: event.text }
    case 'tool_call': {
      const { id, function: called } = event.call
      return { message_type: 'tool_call_message', tool_call: { tool_call_id: id, ...called } }
    }
    case 'tool_return': {
      const { status, content } = event.result
      return { message_type: 'tool_return_message', tool_call_id: event.call.id, status, tool_return: content }
    }
  }
}

export function turnView (messages: readonly MessageView[], { runId, stopReason, steps, usage }: Turn): TurnView {
  const { promptTokens, completionTokens } = usage
  return {
    run_id: runId,
    messages,
    stop_reason: stopReason,
    usage: {
      prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens, step_count: steps
    }
  }
}
