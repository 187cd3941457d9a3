import { INVALID_TRACEID, trace, type Span, type Tracer, type TracerProvider } from '@opentelemetry/api'

/** Names the instrumentation scope of what is traced here. */
const SCOPE = 'letta-otel'

/**
 * The tracer of whichever provider is the global one now. Methods are decorated before a provider is registered, and one
 * runtime may follow another; the API has another object for its provider after each, so asking for that is enough.
 */
export class CurrentTracer {
  #provider: TracerProvider | undefined
  #tracer: Tracer | undefined
  #makesTraces = false

  get (): Tracer {
    const provider = trace.getTracerProvider()
    if (this.#tracer === undefined || provider !== this.#provider) {
      this.#provider = provider
      this.#tracer = provider.getTracer(SCOPE)
      this.#makesTraces = false
    }
    return this.#tracer
  }

  /** Whether a span of this tracer begins a trace; without an SDK none does. To tell costs as much as the span, and is asked once. */
  beginsTrace (span: Span): boolean {
    this.#makesTraces ||= span.spanContext().traceId !== INVALID_TRACEID
    return this.#makesTraces
  }
}
