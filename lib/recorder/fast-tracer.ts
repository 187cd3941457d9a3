import {
  INVALID_SPAN_CONTEXT, SpanKind, TraceFlags, context, isSpanContextValid, trace,
  type Context, type HrTime, type Link, type Span, type SpanOptions, type Tracer, type TraceState
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'
import { checkedAttributes } from './checked-attributes.ts'
import { FastSpan, type SpanParent, type SpanScope } from './fast-span.ts'
import { decide, type Decision, type HeadSampling } from './head-sampling.ts'
import type { RandomIds } from './random-ids.ts'
import { SpanIds } from './span-ids.ts'
import { hrTimeOf, hrTimeOfInput, isBefore } from './span-time.ts'
import { UnsampledSpan } from './unsampled-span.ts'

/** What tracers of one provider share. */
export interface TracerSettings {
  /** Asked about each span; without one, `head` decides, which costs next to nothing. */
  readonly sampler: Sampler | undefined
  readonly head: HeadSampling
  readonly ids: RandomIds
}

const NO_LINKS: readonly Link[] = Object.freeze([])
const NO_OPTIONS: SpanOptions = Object.freeze({})
const NO_LIMITS = { attributeCountLimit: Infinity, attributeValueLengthLimit: Infinity }

/** Starts spans of one instrumentation scope. */
export class FastTracer implements Tracer {
  readonly #settings: TracerSettings
  readonly #scope: SpanScope

  constructor (settings: TracerSettings, scope: SpanScope) {
    this.#settings = settings
    this.#scope = scope
  }

  startSpan (name: string, options: SpanOptions = NO_OPTIONS, activeContext: Context = context.active()): Span {
    if (isTracingSuppressed(activeContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    const parent = options.root === true ? undefined : parentIn(activeContext)
    const ids = SpanIds.next(this.#settings.ids, parent?.ids)
    const { sampler, head } = this.#settings
    const decision = sampler === undefined
      ? decide(head, options.kind, activeContext, ids, parent)
      : ask(sampler, name, options, activeContext, ids)
    const traceFlags = decision.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
    const traceState = decision.traceState ?? parent?.traceState
    this.#scope.counts.start(parent === undefined ? 0 : parent.isRemote ? 2 : 1, decision.recorded, decision.sampled)
    if (!decision.recorded) return new UnsampledSpan(ids, traceState)
    const span = new FastSpan(this.#scope, {
      name,
      kind: options.kind ?? SpanKind.INTERNAL,
      ids,
      traceFlags,
      traceState,
      parent,
      time: options.startTime === undefined ? this.#nowBelow(parent) : hrTimeOfInput(options.startTime, this.#scope.clock),
      attributes: options.attributes,
      links: options.links ?? NO_LINKS
    })
    if (decision.attributes !== undefined) span.setAttributes(decision.attributes)
    return span
  }

  /** A parent may have been given a time of another clock: no span begins before its own. */
  #nowBelow (parent: Parent | undefined): HrTime {
    const now = hrTimeOf(this.#scope.clock.now())
    return parent?.startTime !== undefined && isBefore(now, parent.startTime) ? parent.startTime : now
  }

  startActiveSpan<F extends (span: Span) => unknown> (name: string, fn: F): ReturnType<F>
  startActiveSpan<F extends (span: Span) => unknown> (name: string, options: SpanOptions, fn: F): ReturnType<F>
  startActiveSpan<F extends (span: Span) => unknown> (name: string, options: SpanOptions, parent: Context, fn: F): ReturnType<F>
  startActiveSpan<F extends (span: Span) => unknown> (name: string, first: F | SpanOptions, second?: F | Context, third?: F): ReturnType<F> {
    const fn = (third ?? second ?? first) as (span: Span) => ReturnType<F>
    const options = third === undefined && second === undefined ? NO_OPTIONS : first as SpanOptions | undefined ?? NO_OPTIONS
    const parent = third === undefined ? context.active() : second as Context | undefined ?? context.active()
    const span = this.startSpan(name, options, parent)
    return context.with(trace.setSpan(parent, span), fn, undefined, span)
  }
}

/** A parent with what a child inherits from it. */
interface Parent extends SpanParent {
  readonly traceFlags: number
  readonly traceState: TraceState | undefined
  /** Of a parent in this process that is recorded. */
  readonly startTime?: HrTime | undefined
}

function parentIn (activeContext: Context): Parent | undefined {
  const span = trace.getSpan(activeContext)
  if (span === undefined) return undefined
  if (span instanceof FastSpan || span instanceof UnsampledSpan) return new LocalParent(span)
  const spanContext = span.spanContext()
  if (!isSpanContextValid(spanContext)) return undefined
  const { traceFlags, traceState, isRemote = false } = spanContext
  return { ids: SpanIds.of(spanContext), traceFlags, traceState, isRemote }
}

class LocalParent implements Parent {
  readonly ids: SpanIds
  readonly traceFlags: number
  readonly traceState: TraceState | undefined
  readonly isRemote = false
  readonly startTime: HrTime | undefined

  constructor (span: FastSpan | UnsampledSpan) {
    this.ids = span.ids
    this.traceFlags = span.traceFlags
    this.traceState = span.traceState
    this.startTime = span instanceof FastSpan ? span.startTime : undefined
  }
}

/** Asks a sampler with what the SDK would give it: the id as text, and attributes that are legal. */
function ask (sampler: Sampler, name: string, options: SpanOptions, activeContext: Context, ids: SpanIds): Decision {
  const result = sampler.shouldSample(
    options.root === true ? trace.deleteSpan(activeContext) : activeContext,
    ids.traceId,
    name,
    options.kind ?? SpanKind.INTERNAL,
    checkedAttributes(options.attributes, NO_LIMITS).attributes,
    (options.links ?? []) as Link[]
  )
  return {
    recorded: result.decision !== SamplingDecision.NOT_RECORD,
    sampled: result.decision === SamplingDecision.RECORD_AND_SAMPLED,
    attributes: result.attributes,
    traceState: result.traceState
  }
}
