import { SpanKind } from '@opentelemetry/api'
import { ATTR_METRIC_MODEL, ATTR_METRIC_PROVIDER } from '../vocabulary/agent-metrics.ts'
import {
  ATTR_GEN_AI_OPERATION_NAME, ATTR_GEN_AI_PROVIDER_NAME, ATTR_GEN_AI_REQUEST_MODEL, ATTR_GEN_AI_REQUEST_STREAM, ATTR_RUN_ID, ATTR_STEP_ID
} from '../vocabulary/generative-ai.ts'
import type { AgentSettings } from './agent-settings.ts'
import { CallProgress } from './call-progress.ts'
import { recordCall, recordCorrection, type CallResult } from './call-record.ts'
import type { CallDescription, LlmCallEndOptions } from './llm-call-options.ts'
import { OK, abandonedEnd, isTimedOut, type WorkEnd } from './outcome.ts'
import { readAnswer, type AnswerPart } from './provider-answer.ts'
import { toSeconds } from './stopwatch.ts'
import { StreamNotes } from './stream-notes.ts'
import { isObject, updateUsage } from './usage.ts'
import { watchSource, type Watched } from './watch-source.ts'
import { Work } from './work.ts'

/** A question to a model that is under way. */
export interface LlmCall extends Disposable {
  /**
   * Hands on an answer (a promise, an async iterable, a web stream, a value) and takes notes: nothing is read ahead, kept
   * back or changed. Chunks of OpenAI's and Anthropic's shapes are understood; any other counts as one with content. A call
   * whose scope is left while the answer is still read ends with the answer.
   */
  watch<Source> (source: Source): Watched<Source>
  /** Runs a function in the context of the call: a provider call in it is this one. It ends nothing. */
  within<Result> (work: () => Result): Result
  /**
   * Ends the call; with nothing said, not before an answer that is still read. Only the first time counts; that a scope was left
   * is no such time: what is said after that still counts.
   */
  end (options?: LlmCallEndOptions): void
}

/** A request of a call. */
export interface CallAttempt {
  /** Whether it was given up or failed, so that another one may follow. */
  readonly mayBeRepeated: boolean
}

export class LlmCallWork extends Work implements LlmCall {
  readonly id = `provider_trace-${crypto.randomUUID()}`
  readonly provider: string
  readonly operation: string
  readonly callType: string
  readonly byHand: boolean
  model: string
  /** Bytes of what was sent; 0 where they are not known. */
  requestBytes = 0
  /** What was asked, as it was sent or as it was given; nothing where payloads are not kept. */
  requestBody: Uint8Array | undefined
  requestValue: unknown
  progress: CallProgress
  /** The request of this call that fetch has seen last, if any: what else sees its answer would count it again. */
  attempt: CallAttempt | undefined
  /** Who follows answers of which more may come. */
  readonly #followers = new Set<object>()
  /** Somebody said how it ended, or with what: nothing that comes later is more exact. */
  #isSaid = false
  /** Whoever has it called `end()`. */
  #isEnded = false
  /** Its scope was left before anybody had ended it. */
  #isLeft = false
  /** It was left, or ended with nothing said, while its answer was still read: it ends when that has. */
  #isHeld = false
  /** It was ended because too much was open, or the application closes, while its answer was still read: the answer corrects it. */
  #isGivenUp = false
  #result: CallResult | undefined
  /** Whether chunks of its answer came that fetch did not see: a request that fetch sees is another call's. */
  watchesChunks = false

  constructor (settings: AgentSettings, parent: Work | undefined, call: CallDescription) {
    const { provider, model, operation = 'chat', callType = operation, streamed, request, body, byHand = false, signal } = call
    super(settings, parent, {
      name: model === '' ? operation : `${operation} ${model}`,
      kind: SpanKind.CLIENT,
      attributes: {
        [ATTR_GEN_AI_OPERATION_NAME]: operation,
        [ATTR_GEN_AI_PROVIDER_NAME]: provider,
        ...model !== '' && { [ATTR_GEN_AI_REQUEST_MODEL]: model },
        ...streamed === true && { [ATTR_GEN_AI_REQUEST_STREAM]: true },
        ...parent?.partOfRun !== undefined && { [ATTR_RUN_ID]: parent.partOfRun.id },
        ...parent?.partOfStep !== undefined && { [ATTR_STEP_ID]: parent.partOfStep.id }
      },
      signal
    })
    this.provider = provider
    this.model = model
    this.operation = operation
    this.callType = callType
    this.byHand = byHand
    if (body !== undefined) this.noteRequest(body)
    this.requestValue = settings.payloads === undefined ? undefined : request
    this.progress = new CallProgress(0n, settings.payloads?.maxSize)
    parent?.partOfStep?.noteCall(this)
  }

  watch<Source> (source: Source): Watched<Source> {
    return watchSource(source, new StreamNotes(this))
  }

  override end (options: LlmCallEndOptions = {}): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const isSaid = Object.values(options).some(said => said !== undefined)
    if (this.ended !== undefined) {
      if (isSaid && this.#isLeft) this.#correct(options)
      return
    }
    if (this.#isHeld && !isSaid) return
    this.#isSaid = isSaid
    this.#noteEnd(options)
    super.end(options)
  }

  #noteEnd ({ response, usage }: LlmCallEndOptions): void {
    if (response !== undefined) this.guard(() => { this.noteAnswer(response) })
    if (usage === undefined) return
    this.progress.usage = updateUsage(this.progress.usage, usage)
    this.progress.complete = true
  }

  /** Takes what is said of a call whose scope was left before: what was said is billed, whenever that is. */
  #correct (options: LlmCallEndOptions): void {
    this.#isSaid = true
    this.#noteEnd(options)
    this.#recordAgain(this.endOf(options))
  }

  #recordAgain (end: WorkEnd, nanoseconds?: bigint): void {
    const before = this.#result
    if (before !== undefined) this.guard(() => { this.#result = recordCorrection(this, before, end, nanoseconds) })
  }

  override leave (reason?: WorkEnd): void {
    this.#isLeft ||= this.ended === undefined
    super.leave(this.progress.settled ?? reason)
  }

  /** An answer may be handed out of the scope that it was asked for in, and is billed all the same: it is waited for. */
  override finish (end: WorkEnd, nanoseconds?: bigint): void {
    const mayWait = this.#isHeld || end.outcome === 'ok' || end.outcome === 'incomplete'
    if (this.#followers.size > 0 && mayWait && !this.#isSaid && !this.#isGivenUp) {
      this.#isHeld = this.#isLeft = true
      return
    }
    this.#isHeld = false
    super.finish(end, nanoseconds)
  }

  override giveUp (): void {
    this.#isGivenUp ||= this.ended === undefined && this.#followers.size > 0
    super.giveUp()
  }

  /** An answer is followed from now on. */
  follows (follower: object): void {
    this.#followers.add(follower)
    this.settings.open.use(this)
  }

  /** Whether what comes of its answer still counts. */
  get isHeard (): boolean {
    return this.ended === undefined || (this.#isGivenUp && !this.#isSaid)
  }

  /** An answer has ended, for whoever followed it. */
  followed (follower: object): void {
    const isFollower = this.#followers.delete(follower)
    if (!isFollower || this.#followers.size > 0 || !(this.#isHeld || this.#isGivenUp)) return
    const nanoseconds = this.stopwatch.elapsed()
    // Whoever has read the answer may say at once what was used.
    this.settings.later.add(() => {
      const end = this.progress.settled ?? abandonedEnd(this)
      if (this.#isHeld) this.finish(end, nanoseconds)
      else if (this.#isGivenUp && !this.#isSaid) this.#recordAgain(end, nanoseconds)
    })
  }

  /** A request is sent, perhaps again: what counts is the last one's answer, and the tokens of all. */
  begin (attempt: CallAttempt): CallProgress {
    this.attempt = attempt
    this.follows(attempt)
    this.progress = new CallProgress(this.stopwatch.elapsed(), this.settings.payloads?.maxSize, this.progress.finalUsage)
    return this.progress
  }

  noteRequest (body: Uint8Array): void {
    this.requestBytes = body.byteLength
    if (this.settings.payloads !== undefined) this.requestBody = body
  }

  noteChunk (part: AnswerPart): void {
    const pause = this.progress.noteChunk(part, this.stopwatch.elapsed())
    if (pause !== undefined) this.settings.instruments.record('timePerOutputChunk', toSeconds(pause), this.metricAttributes)
  }

  /** A request of the call, or the call itself, took too long. */
  countTimeout (): void {
    this.settings.instruments.add('providerTimeouts', 1, { ...this.ambient, [ATTR_METRIC_PROVIDER]: this.provider, [ATTR_METRIC_MODEL]: this.model })
  }

  /** Takes note of a whole answer. */
  noteAnswer (answer: unknown): void {
    const { progress } = this
    const part = readAnswer(answer)
    if (part !== undefined) progress.note(part)
    if (this.settings.payloads !== undefined && this.attempt === undefined && !progress.isAnswerTaken) progress.value = answer
  }

  /** Attributes of the conventions' instruments. Made once for all chunks. */
  get metricAttributes (): Record<string, string | number | boolean> {
    this.#metricAttributes ??= {
      ...this.ambient,
      [ATTR_GEN_AI_OPERATION_NAME]: this.operation,
      [ATTR_GEN_AI_PROVIDER_NAME]: this.provider,
      ...this.model !== '' && { [ATTR_GEN_AI_REQUEST_MODEL]: this.model }
    }
    return this.#metricAttributes
  }

  #metricAttributes: Record<string, string | number | boolean> | undefined

  protected override returned (value: unknown): void {
    if (this.attempt === undefined && isObject(value)) this.guard(() => { this.noteAnswer(value) })
  }

  protected override returnedEnd (): WorkEnd {
    return this.progress.settled ?? OK
  }

  /** What the provider said is more exact than the class of what its client threw for it. */
  protected override thrownEnd (error: unknown): WorkEnd {
    const { settled } = this.progress
    return settled?.outcome === 'error' ? { ...settled, error } : super.thrownEnd(error)
  }

  protected override record (end: WorkEnd, nanoseconds: bigint): void {
    // What fetch could tell was counted when its request ended.
    const isCounted = this.attempt !== undefined && isTimedOut(this.progress.settled ?? OK)
    if (isTimedOut(end) && !isCounted) this.countTimeout()
    this.#result = recordCall(this, end, nanoseconds)
  }
}
