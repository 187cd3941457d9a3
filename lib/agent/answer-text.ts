import type { AnswerPart } from './provider-answer.ts'

/** An answer that is put together again, as a payload. */
interface AssembledToolCall { name: string, arguments: string }

/** Tool calls of one answer that are kept, also where they say nothing. */
const TOOL_CALLS_MAX = 1_000

/** Puts a streamed answer together again, up to a limit: a payload keeps what was said, not in how many chunks. */
export class AnswerText {
  /** Characters of the whole answer, also of what was let go. */
  length = 0
  readonly #max: number
  #text = ''
  #reasoning = ''
  readonly #toolCalls = new Map<string, AssembledToolCall>()

  /** @param max characters to keep */
  constructor (max: number) {
    this.#max = max
  }

  add ({ text, reasoning, toolCalls }: AnswerPart): void {
    if (text !== undefined) this.#text += this.#take(text)
    if (reasoning !== undefined) this.#reasoning += this.#take(reasoning)
    for (const { key, name, arguments: args } of toolCalls ?? []) {
      let call = this.#toolCalls.get(key)
      if (call === undefined) {
        if (this.length > this.#max || this.#toolCalls.size >= TOOL_CALLS_MAX) continue
        this.#toolCalls.set(key, call = { name: '', arguments: '' })
      }
      if (name !== undefined) call.name += this.#take(name)
      if (args !== undefined) call.arguments += this.#take(args)
    }
  }

  get isCut (): boolean {
    return this.length > this.#max
  }

  toValue (): Record<string, unknown> {
    return {
      content: this.#text,
      ...this.#reasoning !== '' && { reasoning: this.#reasoning },
      ...this.#toolCalls.size > 0 && { tool_calls: [...this.#toolCalls.values()] }
    }
  }

  #take (text: string): string {
    const room = Math.max(0, this.#max - this.length)
    this.length += text.length
    return room < text.length ? text.slice(0, room) : text
  }
}
