import { AnswerBeginning } from './answer-beginning.ts'
import { endOfAnswer, endOfFailure } from './end-of-answer.ts'
import type { ReadNotes } from './follow-stream.ts'
import type { LlmCallWork } from './llm-call.ts'
import type { WorkEnd } from './outcome.ts'
import { readAnswer, readChunk } from './provider-answer.ts'
import { SseParser } from './sse-parser.ts'

/** Notes for a call of one stream that it watches. None of them throws: whoever reads the stream must not notice. */
export class StreamNotes implements ReadNotes {
  readonly #call: LlmCallWork
  readonly #beginning = new AnswerBeginning()
  readonly #events = new SseParser(({ data }) => { this.#event(data) })
  /** Its chunks have a shape that says when it is whole. */
  #saysEnd = false

  constructor (call: LlmCallWork) {
    this.#call = call
    call.follows(this)
  }

  chunk (chunk: unknown): void {
    // Fetch has seen the same chunk as bytes.
    if (this.#call.attempt !== undefined) return
    this.#call.watchesChunks = true
    this.#call.settings.open.use(this.#call)
    try {
      if (chunk instanceof Uint8Array) this.#bytes(chunk)
      else if (typeof chunk === 'string') this.#call.noteChunk({ content: chunk !== '', text: chunk })
      else this.#value(chunk)
    } catch (fault) {
      this.#call.settings.onFault(fault)
    }
  }

  /** A whole answer. */
  answer (answer: unknown): void {
    if (this.#call.attempt === undefined) this.#call.guard(() => { this.#call.noteAnswer(answer) })
    this.#settle(endOfAnswer(this.#call, true))
  }

  /** The stream has ended. */
  done (): void {
    this.#settle(endOfAnswer(this.#call, !this.#saysEnd))
  }

  /** Whoever read the stream does so no more. */
  stop (): void {
    this.#settle(endOfAnswer(this.#call, false))
  }

  fail (error: unknown): void {
    this.#settle(endOfFailure(this.#call, error))
  }

  #settle (end: WorkEnd): void {
    for (const chunk of this.#beginning.end()) this.#read(chunk)
    this.#call.progress.settled ??= end
    this.#call.followed(this)
  }

  #bytes (chunk: Uint8Array): void {
    const { progress } = this.#call
    progress.responseBytes += chunk.byteLength
    for (const bytes of this.#beginning.isEvents === undefined ? this.#beginning.add(chunk) : [chunk]) this.#read(bytes)
  }

  #read (chunk: Uint8Array): void {
    if (this.#beginning.isEvents === true) this.#events.push(chunk)
    else this.#call.noteChunk({ content: chunk.byteLength > 0 })
  }

  #event (data: string): void {
    if (data === '[DONE]') return this.#call.noteChunk({ complete: true })
    let value: unknown = data
    try {
      value = JSON.parse(data)
    } catch {
      // Text that is no JSON is content as well.
    }
    this.#value(value)
  }

  #value (value: unknown): void {
    const part = readChunk(value)
    if (part !== undefined) this.#saysEnd = true
    this.#call.noteChunk(part ?? { ...readAnswer(value), content: true, complete: false })
  }
}
