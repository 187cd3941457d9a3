import { createContextKey, type Context, type Span } from '@opentelemetry/api'
import type { AmbientScope } from './context-attributes.ts'
import { LinkedContext } from './linked-context.ts'

/** The keys by which the API finds the active span, and this package the scope; a context key is its text. */
const SPAN_KEY = createContextKey('OpenTelemetry Context Key SPAN')
export const AMBIENT_KEY = createContextKey('letta-otel ambient attributes')

/** The context in which a request is served: its span and its scope, on top of what the caller sent. */
export class RequestContext implements Context {
  readonly #parent: Context
  readonly #span: Span
  readonly #scope: AmbientScope

  constructor (parent: Context, span: Span, scope: AmbientScope) {
    this.#parent = parent
    this.#span = span
    this.#scope = scope
  }

  getValue (key: symbol): unknown {
    if (key === SPAN_KEY) return this.#span
    if (key === AMBIENT_KEY) return this.#scope
    return this.#parent.getValue(key)
  }

  setValue (key: symbol, value: unknown): Context {
    return new LinkedContext(this, key, value)
  }

  deleteValue (key: symbol): Context {
    return new LinkedContext(this, key, undefined)
  }
}

/** The same as the API's `trace.setSpan`, without its copy of a map. */
export function contextWithSpan (parent: Context, span: Span): Context {
  return parent instanceof LinkedContext ? parent.setValue(SPAN_KEY, span) : new LinkedContext(parent, SPAN_KEY, span)
}
