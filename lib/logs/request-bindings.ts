import { trace, type Context, type Span } from '@opentelemetry/api'
import { ambientScopeOf, type AmbientScope, type ContextAttributes } from '../ambient/context-attributes.ts'
import type { LogFieldFormatter } from './log-fields.ts'
import type { PinoInternals } from './pino-internals.ts'

/** What one request's lines say, as a part of the bindings of its loggers: made once, and written with every line. */
export class RequestBindings {
  readonly context: Context
  readonly #span: Span | undefined
  readonly #scope: AmbientScope | undefined
  readonly #attributes: ContextAttributes | undefined
  readonly #names: ReadonlySet<string>
  /** `,"trace_id":"…"` and so on. */
  readonly #text: string

  constructor (context: Context, formatter: LogFieldFormatter) {
    this.context = context
    this.#span = trace.getSpan(context)
    this.#scope = ambientScopeOf(context)
    this.#attributes = this.#scope?.attributes
    const fields = formatter.ofLine(this.#span, this.#scope)
    this.#names = new Set(Object.keys(fields))
    this.#text = Object.entries(fields).map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join('')
  }

  /** Whether a line says just this: no other span is active, nothing was added to the request, nothing on the line wins. */
  suits (span: Span | undefined, scope: AmbientScope | undefined, mergeObject: object): boolean {
    if (span !== this.#span || scope !== this.#scope || scope?.attributes !== this.#attributes) return false
    for (const name in mergeObject) if (this.#names.has(name)) return false
    return true
  }

  /** The bindings of a logger, without these and with them. */
  of (bindings: string): LoggerBindings {
    // A child logger has those of its parent, as they were when it was made.
    const own = bindings.replace(this.#text, () => '')
    for (const name of this.#names) if (own.includes(`"${name}":`)) return { own, whole: undefined }
    return { own, whole: own + this.#text }
  }
}

/** A logger's bindings as the JSON text that begins its lines. */
interface LoggerBindings {
  /** What the application bound. */
  readonly own: string
  /** With a request's; nothing where the application bound one of the same names itself, which stands. */
  readonly whole: string | undefined
}

const REQUEST = Symbol('letta-otel request of this logger')
const BINDINGS = Symbol('letta-otel bindings of this logger')

/** Loggers made from a request's inherit what is noted on it; each has bindings of its own. */
type RequestLogger = object & {
  [REQUEST]?: RequestBindings
  [BINDINGS]?: LoggerBindings & { readonly logger: object }
}

/** Makes a request's logger, and those made from it, remember the request. */
export function bindRequest (logger: object, request: RequestBindings): void {
  try {
    (logger as RequestLogger)[REQUEST] = request
  } catch {
    // A logger of the user's own making need not take a property. Its lines have ids where a context is active.
  }
}

export function requestOf (logger: object): RequestBindings | undefined {
  return (logger as RequestLogger)[REQUEST]
}

/**
 * Puts a request's bindings among those of a logger for the line that is being written, or takes them out.
 *
 * @returns whether they are there
 */
export function useBindings (logger: RequestLogger, request: RequestBindings, wanted: boolean, internals: PinoInternals): boolean {
  const now = internals.bindingsOf(logger)
  let known = logger[BINDINGS]
  if (known?.logger !== logger || (now !== known.own && now !== known.whole)) {
    known = { ...request.of(now), logger }
    logger[BINDINGS] = known
  }
  const next = wanted ? known.whole ?? known.own : known.own
  if (next !== now) internals.setBindingsOf(logger, next)
  return wanted && known.whole !== undefined
}
