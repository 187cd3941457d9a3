import {
  SpanStatusCode, TraceFlags,
  type Attributes, type AttributeValue, type Exception, type HrTime, type Link, type Span, type SpanContext, type SpanKind,
  type SpanStatus, type TimeInput, type TraceState
} from '@opentelemetry/api'
import { cleanSimpleAttributes, isTimeInput } from '@opentelemetry/core'
import { blockOf } from './attribute-block.ts'
import { AttributeList } from './attribute-list.ts'
import { checkedAttributes } from './checked-attributes.ts'
import { exceptionAttributes } from './exception-attributes.ts'
import { isKept } from './kept-span.ts'
import type { SpanCounts } from './span-counts.ts'
import type { SpanIds } from './span-ids.ts'
import type { SpanLimits } from './span-limits.ts'
import { hrTimeOfInput, isBefore, type AnchoredWallClock } from './span-time.ts'

/** What a span needs of the provider that made it. */
export interface SpanScope {
  readonly limits: SpanLimits
  readonly clock: AnchoredWallClock
  readonly counts: SpanCounts
  /** Takes a span that ended and was sampled, or is kept although it was not. */
  encode (span: FastSpan): void
}

/** What a tracer knows when a span starts. */
export interface SpanStart {
  readonly name: string
  readonly kind: SpanKind
  readonly ids: SpanIds
  readonly traceFlags: number
  readonly traceState: TraceState | undefined
  readonly parent: SpanParent | undefined
  readonly time: HrTime
  readonly attributes: Attributes | undefined
  readonly links: readonly Link[]
}

/** What is written of a span's parent. */
export interface SpanParent {
  readonly ids: SpanIds
  readonly isRemote: boolean
}

/** An event or a link as it is kept: its attributes copied, cut off and counted. */
export interface RecordedEvent {
  readonly name: string
  readonly time: HrTime
  readonly attributes: Attributes | undefined
  readonly droppedAttributesCount: number
}
export interface RecordedLink {
  readonly context: SpanContext
  readonly attributes: Attributes | undefined
  readonly droppedAttributesCount: number
}

const NO_EVENTS = Object.freeze([]) as unknown as RecordedEvent[]
const NO_LINKS = Object.freeze([]) as unknown as RecordedLink[]

const NO_ATTRIBUTES = new AttributeList({ attributeCountLimit: 0, attributeValueLengthLimit: 0 })

/** A span that is encoded to OTLP when it ends and not kept after. */
export class FastSpan implements Span {
  name: string
  readonly kind: SpanKind
  readonly ids: SpanIds
  readonly parent: SpanParent | undefined
  readonly traceFlags: number
  readonly traceState: TraceState | undefined
  readonly startTime: HrTime
  endTime: HrTime
  attributes: AttributeList
  // Most spans have neither: they share an empty array until they get one.
  events: RecordedEvent[] = NO_EVENTS
  droppedEventsCount = 0
  links: RecordedLink[] = NO_LINKS
  droppedLinksCount = 0
  status: SpanStatus = UNSET
  readonly #scope: SpanScope
  #spanContext: SpanContext | undefined
  #ended = false

  constructor (scope: SpanScope, start: SpanStart) {
    this.#scope = scope
    this.ids = start.ids
    this.traceFlags = start.traceFlags
    this.traceState = start.traceState
    this.name = start.name
    this.kind = start.kind
    this.parent = start.parent
    this.startTime = start.time
    this.endTime = start.time
    this.attributes = new AttributeList(scope.limits)
    if (start.attributes !== undefined) this.attributes.setInitial(start.attributes)
    for (const link of start.links) this.addLink(link)
  }

  /** Made when it is first asked for: the ids of most spans are never read as text. */
  spanContext (): SpanContext {
    if (this.#spanContext === undefined) {
      const { ids: { traceId, spanId }, traceFlags, traceState } = this
      this.#spanContext = traceState === undefined ? { traceId, spanId, traceFlags } : { traceId, spanId, traceFlags, traceState }
    }
    return this.#spanContext
  }

  isRecording (): boolean {
    return !this.#ended
  }

  setAttribute (key: string, value: AttributeValue): this {
    if (!this.#ended) this.attributes.set(key, value)
    return this
  }

  setAttributes (attributes: Attributes): this {
    // Called from JavaScript with nothing, it does nothing, as with the SDK.
    if (this.#ended || (attributes as Attributes | null | undefined) == null) return this
    const block = blockOf(attributes, this.#scope.limits)
    if (block === undefined || !this.attributes.addBlock(block)) this.attributes.setAll(attributes)
    return this
  }

  addEvent (name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#ended) return this
    const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } = this.#scope.limits
    if (eventCountLimit === 0) {
      this.droppedEventsCount++
      return this
    }
    const timeFirst = isTimeInput(attributesOrTime)
    const { attributes, droppedAttributesCount } = cleanSimpleAttributes(
      timeFirst ? undefined : attributesOrTime, { attributeCountLimit: attributePerEventCountLimit, attributeValueLengthLimit })
    const at = isTimeInput(time) ? time : timeFirst ? attributesOrTime : undefined
    if (this.events === NO_EVENTS) this.events = []
    if (this.events.length >= eventCountLimit) {
      this.events.shift()
      this.droppedEventsCount++
    }
    this.events.push({ name, time: hrTimeOfInput(at, this.#scope.clock), attributes, droppedAttributesCount: droppedAttributesCount ?? 0 })
    return this
  }

  addLink (link: Link): this {
    // A link to nowhere says nothing, and could not be written.
    if (this.#ended || typeof link?.context?.traceId !== 'string' || typeof link.context.spanId !== 'string') return this
    const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } = this.#scope.limits
    if (linkCountLimit === 0) {
      this.droppedLinksCount++
      return this
    }
    const { attributes, dropped } = checkedAttributes(
      link.attributes, { attributeCountLimit: attributePerLinkCountLimit, attributeValueLengthLimit })
    if (this.links === NO_LINKS) this.links = []
    if (this.links.length >= linkCountLimit) {
      this.links.shift()
      this.droppedLinksCount++
    }
    this.links.push({ context: link.context, attributes, droppedAttributesCount: dropped })
    return this
  }

  addLinks (links: Link[]): this {
    for (const link of links) this.addLink(link)
    return this
  }

  /** OK is final and an unset status changes nothing, as the specification says; nor does a code that is none, as that of an HTTP answer. */
  setStatus ({ code, message }: SpanStatus): this {
    if (this.#ended || (code !== SpanStatusCode.OK && code !== SpanStatusCode.ERROR) || this.status.code === SpanStatusCode.OK) return this
    this.status = code === SpanStatusCode.ERROR && typeof message === 'string' ? { code, message } : { code }
    return this
  }

  updateName (name: string): this {
    if (!this.#ended) this.name = name
    return this
  }

  recordException (exception: Exception, time?: TimeInput): void {
    const attributes = exceptionAttributes(exception)
    if (attributes !== undefined) this.addEvent('exception', attributes, time)
  }

  end (time?: TimeInput): void {
    if (this.#ended) return
    this.#ended = true
    const endTime = hrTimeOfInput(time, this.#scope.clock)
    // A clock that was set back makes an empty span, not a negative one.
    this.endTime = isBefore(endTime, this.startTime) ? this.startTime : endTime
    const sampled = (this.traceFlags & TraceFlags.SAMPLED) !== 0
    this.#scope.counts.end(sampled)
    if (sampled || isKept(this)) this.#scope.encode(this)
    this.#release()
  }

  /** Whoever still holds the span, as a connection does that is kept alive and every work that outlives it, asks for its ids alone. */
  #release (): void {
    this.attributes = NO_ATTRIBUTES
    this.events = NO_EVENTS
    this.links = NO_LINKS
  }
}

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET })
