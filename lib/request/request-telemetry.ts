import { INVALID_SPAN_CONTEXT, trace, type AttributeValue, type Span } from '@opentelemetry/api'

/** What a request knows of its own telemetry: `request.telemetry`. */
export interface RequestTelemetry {
  /** The server span; one that records nothing where the request is not traced. */
  readonly span: Span
  /** 32 hexadecimal digits, also where the trace is not sampled; undefined where the request belongs to none. */
  readonly traceId: string | undefined
  /** 16 hexadecimal digits, also where the trace is not sampled; undefined where the request belongs to none. */
  readonly spanId: string | undefined
  /** Sets an attribute on the server span; does nothing where there is none, or after it ended. */
  addAttribute (name: string, value: AttributeValue): void
}

/** `request.telemetry` of requests that are left out. */
export const NO_TELEMETRY: RequestTelemetry = Object.freeze({
  span: trace.wrapSpanContext(INVALID_SPAN_CONTEXT),
  traceId: undefined,
  spanId: undefined,
  addAttribute () {}
})
