import { context, trace, isSpanContextValid, type Attributes, type Context, type Span, type SpanKind } from '@opentelemetry/api'
import { ambientScopeOf, type AmbientScope, type ContextAttributes } from '../ambient/context-attributes.ts'
import { contextForOrganization } from '../ambient/organization.ts'
import { ATTR_ORGANIZATION_ID } from '../vocabulary/context.ts'
import { observeResult, type ObservedCall } from '../trace/observe-result.ts'
import type { AgentSettings } from './agent-settings.ts'
import { openWork, withWork, workOf } from './current-work.ts'
import { followReturned } from './follow-returned.ts'
import type { OpenPlace } from './open-work.ts'
import { INCOMPLETE, OK, abandonedEnd, thrownEnd, type Interruption, type WorkEnd, type WorkOutcome } from './outcome.ts'
import type { RunWork } from './run.ts'
import type { StepWork } from './step.ts'
import { Stopwatch } from './stopwatch.ts'
import { describeEnd, startSpan } from './work-span.ts'

/** How work ended, where whoever ends it knows better than what was seen. */
export interface EndOptions {
  /** @default 'error' with an `error`, else 'ok' */
  readonly outcome?: WorkOutcome
  /** What went wrong. */
  readonly error?: unknown
}

/** How a span of work begins. */
export interface WorkStart {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
  /** Ambient attributes of this work and of all within it, beside those of the request. */
  readonly ambient?: ContextAttributes | undefined
  readonly signal: AbortSignal | undefined
}

const NO_ATTRIBUTES: ContextAttributes = Object.freeze({})

/** A run, a step, an LLM call or a tool: a span that ends once, with all that is open within it. */
export abstract class Work implements Interruption, ObservedCall, OpenPlace {
  readonly settings: AgentSettings
  readonly parent: Work | undefined
  readonly stopwatch: Stopwatch
  readonly span: Span
  readonly context: Context
  readonly scope: AmbientScope | undefined
  readonly createdAt = Date.now()
  #updatedAt = this.createdAt
  readonly #ambient: ContextAttributes
  readonly #signal: AbortSignal | undefined
  /** What is open within it. */
  readonly openParts = new Set<Work>()
  olderWork: Work | undefined
  newerWork: Work | undefined
  isListed = false
  /** What it was begun in, and is open there until it ends. */
  readonly #around: Work | undefined
  #ended: WorkEnd | undefined

  constructor (settings: AgentSettings, parent: Work | undefined, start: WorkStart) {
    settings.open.makeRoom(openWork(parent))
    this.settings = settings
    this.stopwatch = new Stopwatch(settings.clock)
    this.parent = parent
    this.#signal = start.signal
    const active = context.active()
    // What runs within the parent may have opened spans of its own in between.
    const base = parent === undefined || workOf(active) === parent ? active : parent.context
    this.scope = ambientScopeOf(base)
    this.#ambient = parent === undefined ? start.ambient ?? NO_ATTRIBUTES : { ...parent.#ambient, ...start.ambient }
    const { name, kind, attributes } = start
    this.span = startSpan(settings, name, { kind, startTime: this.stopwatch.timeAfter(0n), attributes: { ...this.ambient, ...attributes } }, base)
    const organization = start.ambient?.[ATTR_ORGANIZATION_ID]
    const own = organization === undefined ? base : contextForOrganization(base, String(organization))
    this.context = withWork(trace.setSpan(own, this.span), this)
    // Nothing ends the parts of what has ended.
    const around = openWork(parent)
    around?.openParts.add(this)
    settings.open.add(this)
    this.#around = around
  }

  /** Ambient attributes as they are now: the request's, those of the work around it, and its own. */
  get ambient (): ContextAttributes {
    return { ...this.scope?.attributes ?? NO_ATTRIBUTES, ...this.#ambient }
  }

  /** For which organization it is done. */
  get organization (): string | undefined {
    const organization = this.ambient[ATTR_ORGANIZATION_ID]
    return organization === undefined ? undefined : String(organization)
  }

  /** Its own signal, or one of the work around it, whichever was aborted. */
  get signal (): AbortSignal | undefined {
    return this.#signal?.aborted === true ? this.#signal : this.parent?.signal ?? this.#signal
  }

  get traceId (): string {
    const spanContext = this.span.spanContext()
    return isSpanContextValid(spanContext) ? spanContext.traceId : ''
  }

  /** When its row is written: of two rows the later one counts, also where both are of one millisecond. */
  nextUpdate (): number {
    if (this.#ended !== undefined) this.#updatedAt = Math.max(Date.now(), this.#updatedAt + 1)
    return this.#updatedAt
  }

  /** How it ended; undefined until then. */
  get ended (): WorkEnd | undefined {
    return this.#ended
  }

  /** The run, and the step, that it is or that it is part of. */
  get partOfRun (): RunWork | undefined {
    return this.parent?.partOfRun
  }

  get partOfStep (): StepWork | undefined {
    return this.parent?.partOfStep
  }

  end (options: EndOptions = {}): void {
    this.finish(this.endOf(options))
  }

  protected endOf ({ outcome, error }: EndOptions): WorkEnd {
    const end = error === undefined ? this.returnedEnd() : this.thrownEnd(error)
    return outcome === undefined ? end : { ...end, outcome }
  }

  [Symbol.dispose] (): void {
    this.leave()
  }

  within<Result> (work: () => Result): Result {
    return context.with(this.context, work)
  }

  /**
   * Ends what nobody has ended, because the work around it is left.
   *
   * @param reason how that ended, where it was cut off
   */
  leave (reason?: WorkEnd): void {
    this.finish(reason ?? abandonedEnd(this))
  }

  /** Ends it and what is open within, whatever may still come. */
  giveUp (): void {
    for (const part of this.openParts) this.guard(() => { part.giveUp() })
    this.guard(() => { this.leave() })
    // A signal of the application's making may not say whether it was aborted.
    this.finish(INCOMPLETE)
  }

  /** Runs a function whose end ends the work: that of what it returns, where this has one of its own. */
  contain<Result> (work: () => Result): Result {
    let result: Result
    try {
      result = this.within(work)
    } catch (error) {
      this.fail(error)
      throw error
    }
    // A thenable that takes no method cannot be observed as it is.
    return observeResult(isThenable(result) && !Object.isExtensible(result) ? Promise.resolve(result) : result, this) as Result
  }

  succeed (value?: unknown): void {
    if (this.#ended !== undefined) return
    this.returned(value)
    // Provider clients end a stream without a word when its signal is aborted: whoever reads it returns as if all was well.
    this.finish(this.signal?.aborted === true ? abandonedEnd(this) : this.returnedEnd())
  }

  fail (thrown: unknown): void {
    this.finish(this.thrownEnd(thrown))
  }

  stop (): void {
    this.leave()
  }

  abandon (): void {
    this.leave()
  }

  follow (value: object): object | undefined {
    return followReturned(value, this)
  }

  /** Takes note of what a callback returned. */
  protected returned (_value: unknown): void {}

  /** How work ended of which nobody says that anything was wrong. */
  protected returnedEnd (): WorkEnd {
    return OK
  }

  /** How work ended that was thrown out of. */
  protected thrownEnd (error: unknown): WorkEnd {
    return thrownEnd(error, this)
  }

  /**
   * Ends it, once, and before it what is open within.
   *
   * @param nanoseconds how long it took
   */
  finish (end: WorkEnd, nanoseconds = this.stopwatch.elapsed()): void {
    if (this.#ended !== undefined) return
    const reason = end.outcome === 'ok' || end.outcome === 'incomplete' ? undefined : end
    for (const part of this.openParts) this.guard(() => { part.leave(reason) })
    this.#ended = end
    this.#around?.openParts.delete(this)
    this.settings.open.remove(this)
    this.guard(() => { this.record(end, nanoseconds) })
    this.guard(() => { describeEnd(this.span, end, this.settings, this.stopwatch.timeAfter(nanoseconds)) })
    this.guard(() => { this.span.end(this.stopwatch.timeAfter(nanoseconds)) })
  }

  /** Does what may call code that is not ours: that of samplers and span processors, and getters of what was handed over. */
  guard (task: () => void): void {
    try {
      task()
    } catch (fault) {
      this.settings.onFault(fault)
    }
  }

  /** Writes down what is known at the end: attributes, metrics, rows. */
  protected abstract record (end: WorkEnd, nanoseconds: bigint): void
}

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
