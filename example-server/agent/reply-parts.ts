import type { ModelReply, ToolCall } from './chat-message.ts'

/** A tool call, or a piece of one, as a provider sends it: nothing about it is certain. */
export interface ToolCallPart {
  readonly index?: number
  readonly id?: string
  readonly function?: { readonly name?: string, readonly arguments?: string }
}

/** A message, or a piece of one, as a provider sends it. */
export interface MessagePart {
  readonly content?: string | null
  readonly tool_calls?: readonly ToolCallPart[] | null
}

export interface UsagePart {
  readonly prompt_tokens?: number
  readonly completion_tokens?: number
}

/** Puts the reply of a model together from its parts. A reply that came in one piece is one part. */
export class ReplyParts {
  #content = ''
  #usage: UsagePart = {}
  readonly #calls: Array<{ id: string, name: string, arguments: string }> = []

  /** @returns the text of this part */
  add (part: MessagePart | undefined, usage: UsagePart | null | undefined): string {
    if (usage != null) this.#usage = usage
    part?.tool_calls?.forEach((call, position) => { this.#addCall(call, call.index ?? position) })
    const text = part?.content ?? ''
    this.#content += text
    return text
  }

  get reply (): ModelReply {
    const { prompt_tokens: promptTokens = 0, completion_tokens: completionTokens = 0 } = this.#usage
    return {
      content: this.#content,
      toolCalls: this.#calls.filter(call => call !== undefined).map(({ id, name, arguments: text }): ToolCall =>
        ({ id, type: 'function', function: { name, arguments: text } })),
      usage: { promptTokens, completionTokens }
    }
  }

  #addCall ({ id, function: called }: ToolCallPart, index: number): void {
    const call = this.#calls[index] ??= { id: '', name: '', arguments: '' }
    call.id += id ?? ''
    call.name += called?.name ?? ''
    call.arguments += called?.arguments ?? ''
  }
}
