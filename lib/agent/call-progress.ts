import type { WorkEnd } from './outcome.ts'
import { AnswerText } from './answer-text.ts'
import { heldBytes } from './held-bytes.ts'
import type { AnswerPart } from './provider-answer.ts'
import { addUsage, updateUsage, type TokenUsage } from './usage.ts'

/** Versions of one answer that are told apart: an index is whatever a provider says. */
const CHOICES_MAX = 1_000

/** Tokens, as far as they are known. */
export interface SeenUsage {
  readonly usage: TokenUsage
  /** Counted from chunks. */
  readonly estimated: boolean
}

/** What was said, as far as it is to be kept. */
interface SeenAnswer {
  /** A streamed answer, put together; nothing where payloads are not kept. */
  readonly text: AnswerText | undefined
  /** A whole answer as text, as far as it is captured, and its full length. */
  readonly body: { readonly text: string, readonly length: number } | undefined
  /** A whole answer that was handed over. */
  readonly value: unknown
}

/** What was seen of an answer: of the last attempt, where a request was sent again. Times are nanoseconds of the call. */
export class CallProgress {
  /** When the request was sent. */
  readonly sentAt: bigint
  /** When the first and the last chunk with content came. */
  firstContentAt: bigint | undefined
  lastContentAt: bigint | undefined
  /** Chunks with content. */
  chunkCount = 0
  usage: TokenUsage | undefined
  responseId = ''
  responseModel = ''
  finishReason = ''
  /** Nothing more of the answer was to come. */
  complete = false
  /** Versions of the answer that have begun, and whether they have ended. */
  readonly #choices = new Map<number, boolean>()
  #openChoices = 0
  responseBytes = 0
  error: AnswerPart['error']
  /** How the answer ended, once it has: whoever ends the call may know better. */
  settled: WorkEnd | undefined
  text: AnswerText | undefined
  body: { text: string, length: number } | undefined
  value: unknown
  /** Nothing more of it is kept. */
  isAnswerTaken = false
  readonly #before: SeenUsage | undefined

  /**
   * @param payloadMax characters to keep of the answer; nothing where payloads are not kept
   * @param before what attempts before this one used
   */
  constructor (sentAt: bigint, payloadMax: number | undefined, before?: SeenUsage) {
    this.sentAt = sentAt
    this.#before = before
    this.text = payloadMax === undefined ? undefined : new AnswerText(payloadMax)
  }

  /** @returns nanoseconds since the chunk with content before this one; nothing where there is none, or no content */
  noteChunk (part: AnswerPart, at: bigint): bigint | undefined {
    this.note(part)
    this.text?.add(part)
    if (part.content !== true) return undefined
    const before = this.lastContentAt
    this.chunkCount++
    this.firstContentAt ??= at
    this.lastContentAt = at
    return before === undefined ? undefined : at - before
  }

  note (part: AnswerPart): void {
    if (part.usage !== undefined) this.usage = updateUsage(this.usage, part.usage)
    if (part.id !== undefined) this.responseId = part.id
    if (part.model !== undefined) this.responseModel = part.model
    if (part.finishReason !== undefined) this.finishReason = part.finishReason
    if (part.choices !== undefined) this.#noteChoices(part.choices)
    if (part.complete === true) this.complete = true
    if (part.error !== undefined) this.error = part.error
  }

  #noteChoices (choices: NonNullable<AnswerPart['choices']>): void {
    for (const { index, isLast } of choices) {
      const isOver = this.#choices.get(index)
      if (isOver === undefined) {
        if (this.#choices.size >= CHOICES_MAX) continue
        this.#openChoices++
      }
      if (isLast && isOver !== true) this.#openChoices--
      this.#choices.set(index, isLast || isOver === true)
    }
    this.complete = this.#openChoices === 0
  }

  /** Hands over what was said: whoever keeps the call does not keep that. */
  takeAnswer (): SeenAnswer {
    const { text, body, value } = this
    this.text = this.body = this.value = undefined
    this.isAnswerTaken = true
    return { text, body, value }
  }

  /** How much memory what was said holds, about. */
  get answerBytes (): number {
    return (this.body?.text.length ?? 0) + (this.text?.length ?? 0) + heldBytes(this.value)
  }

  get ttft (): bigint | undefined {
    return this.firstContentAt === undefined ? undefined : this.firstContentAt - this.sentAt
  }

  /** What this attempt and those before it used. */
  get finalUsage (): SeenUsage | undefined {
    const before = this.#before
    const own = this.#usageOfAttempt
    if (before === undefined || own === undefined) return own ?? before
    return { usage: addUsage(before.usage, own.usage), estimated: before.estimated || own.estimated }
  }

  /**
   * What was used. A provider says so with the end of its answer, or never: until then, each chunk with content counts as
   * a token.
   */
  get #usageOfAttempt (): SeenUsage | undefined {
    const { usage, chunkCount, complete } = this
    if (usage === undefined) return chunkCount === 0 ? undefined : { usage: updateUsage(undefined, { outputTokens: chunkCount }), estimated: true }
    if (complete || chunkCount <= usage.outputTokens) return { usage, estimated: false }
    return { usage: updateUsage(usage, { outputTokens: chunkCount }), estimated: true }
  }

  /** Nanoseconds for each output token after the first. */
  get timePerOutputToken (): number | undefined {
    const { firstContentAt, lastContentAt } = this
    const tokens = this.#usageOfAttempt?.usage.outputTokens ?? 0
    if (firstContentAt === undefined || lastContentAt === undefined || tokens < 2 || lastContentAt === firstContentAt) return undefined
    return Number(lastContentAt - firstContentAt) / (tokens - 1)
  }
}
