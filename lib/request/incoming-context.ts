import { ROOT_CONTEXT, propagation, trace, type Context, type SpanContext, type TextMapGetter } from '@opentelemetry/api'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { RequestOptions } from '../options.ts'
import { saysYes } from './says-yes.ts'

const headerGetter: TextMapGetter<IncomingHttpHeaders> = {
  keys: headers => Object.keys(headers),
  get: (headers, key) => headers[key]
}

/** Where a request's span hangs: below a caller's span, or at the root with a link to the caller's. */
export interface IncomingContext {
  readonly parent: Context
  readonly linked: SpanContext | undefined
}

/** A propagator lists what it writes; others than these may read more than they write, as B3's does. */
const W3C_FIELDS: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage'])

const ROOT: IncomingContext = Object.freeze({ parent: ROOT_CONTEXT, linked: undefined })

/**
 * Reads the caller's trace context and baggage with the propagator of the process. The base is the root context: what
 * happens to be active when a request arrives (the code that started the server, say) is not its parent.
 */
export class IncomingContextReader {
  readonly #trust: RequestOptions['trustIncoming']
  /** Whether the propagator of the process is W3C's alone; it is known once there is a request. */
  #readsW3cAlone: boolean | undefined

  constructor ({ trustIncoming }: RequestOptions) {
    this.#trust = trustIncoming
  }

  of (request: FastifyRequest): IncomingContext {
    const { headers } = request.raw
    this.#readsW3cAlone ??= propagation.fields().every(field => W3C_FIELDS.has(field))
    if (this.#readsW3cAlone && headers['traceparent'] === undefined && headers['baggage'] === undefined) return ROOT
    const extracted = propagation.extract(ROOT_CONTEXT, headers, headerGetter)
    if (extracted === ROOT_CONTEXT) return ROOT
    if (this.#isTrusted(request)) return { parent: extracted, linked: undefined }
    return { parent: ROOT_CONTEXT, linked: trace.getSpanContext(extracted) }
  }

  #isTrusted (request: FastifyRequest): boolean {
    const trust = this.#trust
    return typeof trust === 'boolean' ? trust : saysYes(() => trust(request))
  }
}
