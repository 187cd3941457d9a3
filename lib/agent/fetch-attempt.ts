import { AnswerBeginning } from './answer-beginning.ts'
import { endOfAnswer, endOfFailure } from './end-of-answer.ts'
import type { ReadNotes } from './follow-stream.ts'
import { JsonFields } from './json-fields.ts'
import type { CallProgress } from './call-progress.ts'
import type { CallAttempt, LlmCallWork } from './llm-call.ts'
import { abandonedEnd, isAbort, isTimedOut, timeoutEnd, type WorkEnd } from './outcome.ts'
import { readAnswer, readChunk } from './provider-answer.ts'
import type { ProviderRequest } from './provider-request.ts'
import { SseParser } from './sse-parser.ts'
import { watchBody } from './watch-body.ts'

/** What of a whole answer is worth knowing, beside what it says. */
const ANSWER_FIELDS = ['id', 'model', 'usage', 'error', 'stop_reason', 'status']

/** Nanoseconds by which a client's time may begin before its request is seen here: timers count from when the loop last looked. */
function headStartOf (timeLimit: bigint): bigint {
  const share = timeLimit / 20n
  return share < HEAD_START_MAX ? share : HEAD_START_MAX
}

const HEAD_START_MAX = 500_000_000n

/** One request of a call, as fetch sees it. */
export class FetchAttempt implements ReadNotes, CallAttempt {
  readonly call: LlmCallWork
  readonly #progress: CallProgress
  /** Whether the call is nothing but this request, and ends with it. */
  readonly #ownsCall: boolean
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined
  readonly #request: ProviderRequest
  #hasAnswer = false
  /** The first bytes of an answer that does not say what it is. */
  #beginning: AnswerBeginning | undefined
  #events: SseParser | undefined
  #fields: JsonFields | undefined
  /** The status of an answer that is an error. */
  #failedStatus: number | undefined
  #ended = false

  constructor (call: LlmCallWork, ownsCall: boolean, request: ProviderRequest) {
    this.call = call
    this.#request = request
    this.#progress = call.begin(this)
    this.#ownsCall = ownsCall
    this.#decoder = call.settings.payloads === undefined ? undefined : new TextDecoder()
  }

  get mayBeRepeated (): boolean {
    return this.#ended && this.#progress.settled?.outcome !== 'ok'
  }

  /** Follows the answer. What cannot be followed, as with a status that only fetch itself may give, is handed on as it is. */
  answer (response: Response): Response {
    try {
      return this.#follow(response)
    } catch (fault) {
      this.call.settings.onFault(fault)
      this.#events = this.#fields = undefined
      this.done()
      return response
    }
  }

  #follow (response: Response): Response {
    this.#hasAnswer = true
    if (!response.ok) this.#failedStatus = response.status
    const { body } = response
    if (body === null) {
      this.done()
      return response
    }
    if (/^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')) this.#readAs(true)
    // Some proxies give a stream another type, or none.
    else if (response.ok && this.#request.streamed === true) this.#beginning = new AnswerBeginning()
    else this.#readAs(false)
    return watchBody(response, body, this)
  }

  #readAs (events: boolean): void {
    if (events) this.#events = new SseParser(({ data }) => { this.#event(data) })
    else this.#fields = new JsonFields(ANSWER_FIELDS)
  }

  chunk (chunk: unknown): void {
    const { call } = this
    if (!(chunk instanceof Uint8Array) || this.#ended || !call.isHeard) return
    call.settings.open.use(call)
    try {
      this.#progress.responseBytes += chunk.byteLength
      for (const bytes of this.#told(chunk)) this.#read(bytes)
    } catch (fault) {
      this.call.settings.onFault(fault)
    }
  }

  /** Chunks of which it is known what they are. */
  #told (chunk: Uint8Array): readonly Uint8Array[] {
    const beginning = this.#beginning
    if (beginning === undefined) return [chunk]
    const chunks = beginning.add(chunk)
    if (beginning.isEvents !== undefined) {
      this.#beginning = undefined
      this.#readAs(beginning.isEvents)
    }
    return chunks
  }

  #read (chunk: Uint8Array): void {
    this.#events?.push(chunk)
    this.#fields?.push(chunk)
    if (this.#fields !== undefined && this.#decoder !== undefined && !this.#progress.isAnswerTaken) this.#capture(this.#decoder.decode(chunk, { stream: true }))
  }

  done (): void {
    this.#noteFields()
    this.#settle(this.#endOfError() ?? endOfAnswer(this.call, this.#events === undefined))
  }

  stop (): void {
    this.#noteFields()
    this.#settle(this.#endOfError() ?? endOfAnswer(this.call, false))
  }

  fail (error: unknown): void {
    this.#settle(this.#isOverdue(error) ? timeoutEnd(this.call, error) : endOfFailure(this.call, error))
  }

  /**
   * A client that gives up aborts its request as if its user had. What tells is that its own time is over, and that no signal
   * of the work around says anything; the time ends with the beginning of a stream.
   */
  #isOverdue (error: unknown): boolean {
    const { call } = this
    const { timeLimit, streamed } = this.#request
    if (timeLimit === undefined || (this.#hasAnswer && streamed !== false)) return false
    return isAbort(error) && call.parent?.signal?.aborted !== true && call.stopwatch.elapsed() - this.#progress.sentAt >= timeLimit - headStartOf(timeLimit)
  }

  /** Nobody can read the answer any more. */
  lose (): void {
    this.#settle(this.#endOfError() ?? abandonedEnd(this.call))
  }

  #event (data: string): void {
    if (data === '[DONE]') return this.call.noteChunk({ complete: true })
    const part = readChunk(parsed(data))
    if (part !== undefined) this.call.noteChunk(part)
  }

  #noteFields (): void {
    const fields = this.#fields
    if (fields === undefined) return
    const answer = Object.fromEntries(ANSWER_FIELDS.map(name => [name, fields.get(name)]))
    const part = readAnswer(answer)
    // Providers say what was used with every whole answer.
    if (part !== undefined) this.#progress.note({ ...part, complete: part.usage !== undefined })
  }

  #endOfError (): WorkEnd | undefined {
    if (this.#failedStatus === undefined) return undefined
    this.#progress.error ??= { type: '', message: '' }
    return endOfAnswer(this.call, false, String(this.#failedStatus))
  }

  #capture (text: string): void {
    const max = this.call.settings.payloads?.maxSize ?? 0
    const body = (this.#progress.body ??= { text: '', length: 0 })
    body.length += text.length
    const room = max - body.text.length
    if (room > 0) body.text += text.length > room ? text.slice(0, room) : text
  }

  #settle (end: WorkEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#progress.settled = end
    if (isTimedOut(end)) this.call.countTimeout()
    this.call.followed(this)
    if (this.#ownsCall) this.call.finish(end)
  }
}

function parsed (data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
