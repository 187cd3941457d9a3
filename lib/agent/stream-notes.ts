import { endOfAnswer, endOfFailure } from './end-of-answer.ts'
import type { ReadNotes } from './follow-stream.ts'
import type { LlmCallWork } from './llm-call.ts'
import type { WorkEnd } from './outcome.ts'
import { readAnswer, readChunk } from './provider-answer.ts'
import { SseParser } from './sse-parser.ts'

/** How a stream of server-sent events begins. */
const EVENTS_BEGIN = /^\uFEFF?[\r\n]*(?:data|event|id|retry)?:/

/** Notes for a call of one stream that it watches. None of them throws: whoever reads the stream must not notice. */
export class StreamNotes implements ReadNotes {
  readonly #call: LlmCallWork
  /** Reads bytes that are server-sent events; nothing before the first bytes, null where they are none. */
  #events: SseParser | null | undefined
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
    if (this.#call.attempt === undefined) this.#call.noteAnswer(answer)
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
    this.#call.progress.settled ??= end
    this.#call.followed(this)
  }

  #bytes (chunk: Uint8Array): void {
    const { progress } = this.#call
    progress.responseBytes += chunk.byteLength
    if (this.#events === undefined) {
      this.#events = EVENTS_BEGIN.test(Buffer.from(chunk.subarray(0, 64)).toString()) ? new SseParser(({ data }) => { this.#event(data) }) : null
    }
    if (this.#events === null) this.#call.noteChunk({ content: chunk.byteLength > 0 })
    else this.#events.push(chunk)
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
