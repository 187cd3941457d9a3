import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api'

/** Names the instrumentation scope of what is traced here. */
const SCOPE = 'letta-otel'

/**
 * The tracer of whichever provider is the global one now. Methods are decorated before a provider is registered, and one
 * runtime may follow another; the API has another object for its provider after each, so asking for that is enough.
 */
export class CurrentTracer {
  #provider: TracerProvider | undefined
  #tracer: Tracer | undefined

  get (): Tracer {
    const provider = trace.getTracerProvider()
    if (this.#tracer === undefined || provider !== this.#provider) {
      this.#provider = provider
      this.#tracer = provider.getTracer(SCOPE)
    }
    return this.#tracer
  }
}
