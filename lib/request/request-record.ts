import { isSpanContextValid, type AttributeValue, type Context, type Span } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AmbientScope } from '../ambient/context-attributes.ts'
import type { StartTime } from './clock.ts'
import type { UnsampledRequest } from './keep-request.ts'
import type { RequestSettings } from './request-settings.ts'
import type { RequestTelemetry } from './request-telemetry.ts'
import type { RouteFacts } from './route-facts.ts'

/** Everything noted about one request until it is finished. Hooks only write here; `finishRequest` alone decides. */
export class RequestRecord implements RequestTelemetry {
  readonly start: StartTime
  readonly request: FastifyRequest
  readonly facts: RouteFacts
  readonly span: Span
  /** The span was opened by another instrumentation, which also ends it. */
  readonly adopted: boolean
  /** The OTel context in which the request is served. */
  readonly context: Context
  readonly ambient: AmbientScope
  readonly settings: RequestSettings
  /** Read when the request arrives: an HTTP/2 request whose stream is gone throws when it is asked. */
  readonly scheme: string

  reply: FastifyReply | undefined
  /** What was thrown, or what broke the body's stream. */
  error: unknown
  /** Nanoseconds from the start to the first chunk of the body; undefined when the body came in one piece. */
  firstByteAfter: number | undefined
  /** The socket was idle for longer than the server allows. */
  timedOut = false
  /** The status that was written to the socket itself, past the response: what answers an `Upgrade`. */
  switchedStatus: number | undefined
  /** The whole response was handed to the operating system. */
  responseComplete = false
  finished = false
  /** What the request emits belongs to it. */
  requestIsObserved = false
  /** The response was given its whole body, which some kinds of response then write. */
  ending = false
  /** The response's own `write`, while another stands in its place to see the first chunk. */
  writeBefore: FastifyReply['raw']['write'] | undefined
  /** Where the request was not sampled and may be kept. */
  unsampled: UnsampledRequest | undefined
  /** The requests that its connection's end finishes, where it is one of them. */
  waiting: Set<RequestRecord> | undefined
  /** Its neighbours among the requests under way: the one that began before it, and after it. */
  before: RequestRecord | undefined
  after: RequestRecord | undefined

  constructor (
    request: FastifyRequest, facts: RouteFacts, start: StartTime, span: Span, adopted: boolean, context: Context, ambient: AmbientScope,
    settings: RequestSettings
  ) {
    this.settings = settings
    this.request = request
    this.facts = facts
    this.start = start
    this.span = span
    this.adopted = adopted
    this.context = context
    this.ambient = ambient
    this.scheme = schemeOf(request)
    ambient.client = this
  }

  get traceId (): string | undefined {
    const spanContext = this.span.spanContext()
    return isSpanContextValid(spanContext) ? spanContext.traceId : undefined
  }

  get spanId (): string | undefined {
    const spanContext = this.span.spanContext()
    return isSpanContextValid(spanContext) ? spanContext.spanId : undefined
  }

  /** Asked when work for the request was cut off, to tell why. */
  get disconnected (): boolean {
    const response = this.reply?.raw
    return response !== undefined && !response.writableFinished && (response.destroyed || this.request.raw.socket.destroyed)
  }

  /** Whether the span was opened here, and so ends here. */
  get ownsSpan (): boolean {
    return this.facts.traced && !this.adopted
  }

  addAttribute (name: string, value: AttributeValue): void {
    if (typeof name === 'string' && this.span.isRecording()) this.span.setAttribute(name, value)
  }
}

export function schemeOf (request: FastifyRequest): string {
  // Behind a trusted proxy this is what a header says, which may be anything.
  return request.protocol === 'https' ? 'https' : 'http'
}

const RECORD = Symbol('letta-otel request record')
type Carrier = object & { [RECORD]?: RequestRecord }

/** The record of a raw request or response, once it has one. */
export function recordOf (carrier: object): RequestRecord | undefined {
  return (carrier as Carrier)[RECORD]
}

export function attachRecord (carrier: object, record: RequestRecord): void {
  (carrier as Carrier)[RECORD] = record
}
