import { ROOT_CONTEXT, propagation, trace, type Context, type SpanContext, type TextMapGetter } from '@opentelemetry/api'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { RequestOptions } from '../options.ts'

const headerGetter: TextMapGetter<IncomingHttpHeaders> = {
  keys: headers => Object.keys(headers),
  get: (headers, key) => headers[key]
}

/** Where a request's span hangs: below a caller's span, or at the root with a link to the caller's. */
export interface IncomingContext {
  readonly parent: Context
  readonly linked: SpanContext | undefined
}

const ROOT: IncomingContext = Object.freeze({ parent: ROOT_CONTEXT, linked: undefined })

/**
 * Reads the caller's trace context and baggage with the propagator of the process. The base is the root context: what
 * happens to be active when a request arrives (the code that started the server, say) is not its parent.
 */
export class IncomingContextReader {
  readonly #trust: RequestOptions['trustIncoming']
  /** Headers without which there is nothing to read. */
  readonly #fields: readonly string[]

  constructor ({ trustIncoming }: RequestOptions) {
    this.#trust = trustIncoming
    this.#fields = propagation.fields()
  }

  of (request: FastifyRequest): IncomingContext {
    const { headers } = request.raw
    if (!this.#fields.some(field => headers[field] !== undefined)) return ROOT
    const extracted = propagation.extract(ROOT_CONTEXT, headers, headerGetter)
    if (extracted === ROOT_CONTEXT) return ROOT
    if (this.#isTrusted(request)) return { parent: extracted, linked: undefined }
    return { parent: ROOT_CONTEXT, linked: trace.getSpanContext(extracted) }
  }

  /** A function that throws has not said that it trusts. */
  #isTrusted (request: FastifyRequest): boolean {
    const trust = this.#trust
    if (typeof trust === 'boolean') return trust
    try {
      return trust(request)
    } catch {
      return false
    }
  }
}
