import { SpanKind } from '@opentelemetry/api'
import { ATTR_RUN_ID, ATTR_STEP_ID } from '../vocabulary/generative-ai.ts'
import type { AgentSettings } from './agent-settings.ts'
import { LlmCallWork, type LlmCall } from './llm-call.ts'
import type { LlmCallOptions } from './llm-call-options.ts'
import type { CallSummary } from './call-summary.ts'
import { cutOffEnd, type WorkEnd } from './outcome.ts'
import { sharedColumns, usageColumns } from './row-columns.ts'
import type { RunWork } from './run.ts'
import { toMilliseconds } from './stopwatch.ts'
import { ToolCallWork, type ToolCall, type ToolOptions } from './tool-call.ts'
import { NO_USAGE, addUsage, type TokenUsage } from './usage.ts'
import { Work, type EndOptions } from './work.ts'

/** What is known of a step when it begins. */
export interface StepOptions {
  /** @default `step-<uuid>` */
  readonly id?: string
  /** Id of the provider that the step asks, as the application names it. @default that of its first LLM call */
  readonly providerId?: string
  /** Tells that the step was cancelled. */
  readonly signal?: AbortSignal
}

/** One step of a run: as a rule a question to a model, and what its answer asks for. */
export interface Step extends Disposable {
  readonly id: string
  /** Runs a tool, which ends with the callback. */
  tool<Result> (options: ToolOptions, work: () => Result): Result
  /** Begins a tool that is ended by hand. */
  startTool (options: ToolOptions): ToolCall
  /** Runs an LLM call, which ends with the callback; provider calls made in it are part of it, not further ones. */
  llmCall<Result> (options: LlmCallOptions, work: (call: LlmCall) => Result): Result
  /** Begins an LLM call that is ended by hand. */
  startLlmCall (options: LlmCallOptions): LlmCall
  /** Runs a function in the context of the step: what is observed in it belongs to the step. It ends nothing. */
  within<Result> (work: () => Result): Result
  /** Ends the step, and whatever is open in it. Only the first time counts. */
  end (options?: EndOptions): void
}

export class StepWork extends Work implements Step {
  readonly id: string
  readonly run: RunWork
  #providerId: string
  #usage = NO_USAGE
  #cost: number | undefined
  #firstCall: CallSummary | undefined
  #lastCall: LlmCallWork | undefined
  #llmNanoseconds = 0n
  #toolNanoseconds: bigint | undefined
  #nanoseconds: bigint | undefined

  constructor (settings: AgentSettings, run: RunWork, given: StepOptions | null | undefined) {
    const options = given ?? {}
    const id = options.id ?? `step-${crypto.randomUUID()}`
    super(settings, run, {
      name: 'step',
      kind: SpanKind.INTERNAL,
      attributes: { [ATTR_RUN_ID]: run.id, [ATTR_STEP_ID]: id },
      signal: options.signal
    })
    this.id = id
    this.run = run
    this.#providerId = options.providerId ?? ''
  }

  tool<Result> (options: ToolOptions, work: () => Result): Result {
    return new ToolCallWork(this.settings, this, options).contain(work)
  }

  startTool (options: ToolOptions): ToolCall {
    const tool = new ToolCallWork(this.settings, this, options)
    this.settings.current.enter(tool)
    return tool
  }

  llmCall<Result> (options: LlmCallOptions, work: (call: LlmCall) => Result): Result {
    const call = new LlmCallWork(this.settings, this, options)
    return call.contain(() => work(call))
  }

  startLlmCall (options: LlmCallOptions): LlmCall {
    const call = new LlmCallWork(this.settings, this, { ...options, byHand: true })
    this.settings.current.enter(call)
    return call
  }

  override get partOfStep (): StepWork {
    return this
  }

  /** How its last LLM call was cut off, if it was. */
  get cutOff (): WorkEnd | undefined {
    return cutOffEnd(this.#lastCall?.ended, this)
  }

  noteCall (call: LlmCallWork): void {
    this.#lastCall = call
  }

  /** Counts an LLM call that ended. */
  addCall (call: CallSummary): void {
    if (this.#firstCall === undefined || call.startedAt < this.#firstCall.startedAt) this.#firstCall = call
    if (this.#providerId === '') this.#providerId = call.provider
    this.#llmNanoseconds += call.nanoseconds
    this.addUsage(call.usage, call.cost)
  }

  /** Counts what an LLM call used, or what it used beside what was counted. */
  addUsage (usage: TokenUsage, cost: number | undefined): void {
    this.#usage = addUsage(this.#usage, usage)
    if (cost !== undefined) this.#cost = (this.#cost ?? 0) + cost
    // The call was read on after the step had ended.
    if (this.ended !== undefined) this.#keepRow(this.ended)
  }

  addToolTime (nanoseconds: bigint): void {
    this.#toolNanoseconds = (this.#toolNanoseconds ?? 0n) + nanoseconds
  }

  protected override returnedEnd (): WorkEnd {
    return this.cutOff ?? super.returnedEnd()
  }

  protected override record (end: WorkEnd, nanoseconds: bigint): void {
    this.settings.instruments.record('stepExecutionTime', toMilliseconds(nanoseconds), { ...this.ambient })
    this.#nanoseconds = nanoseconds
    this.#keepRow(end)
  }

  #keepRow (end: WorkEnd): void {
    this.settings.keep('step_metrics', {
      id: this.id,
      run_id: this.run.id,
      ...sharedColumns(this),
      ...usageColumns(this.#usage, this.#cost),
      provider_id: this.#providerId,
      step_start_ns: this.stopwatch.startedAt,
      step_ns: this.#nanoseconds ?? null,
      llm_request_start_ns: this.#firstCall?.startedAt ?? null,
      llm_request_ns: this.#firstCall === undefined ? null : this.#llmNanoseconds,
      ttft_ns: this.#firstCall?.ttft ?? null,
      tool_execution_ns: this.#toolNanoseconds ?? null,
      outcome: end.outcome,
      error_type: end.errorType
    })
  }
}
