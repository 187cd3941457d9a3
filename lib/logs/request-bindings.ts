import { trace, type Context, type Span } from '@opentelemetry/api'
import { ambientScopeOf, type AmbientScope, type ContextAttributes } from '../ambient/context-attributes.ts'
import { organizationWithin } from '../ambient/organization.ts'
import type { LogFieldFormatter } from './log-fields.ts'
import type { LineSubject } from './line-subject.ts'
import { bindingNames, type PinoInternals } from './pino-internals.ts'

/** What one request's lines say, as a part of the bindings of its loggers: made once, and written with every line. */
export class RequestBindings {
  readonly context: Context
  readonly formatter: LogFieldFormatter
  readonly #span: Span | undefined
  readonly #scope: AmbientScope | undefined
  readonly #attributes: ContextAttributes | undefined
  readonly #organization: string | undefined
  /** Names of what the scope says; most requests have none. */
  readonly #scopeNames: readonly string[]
  /** `,"trace_id":"…"` and so on. */
  readonly #text: string

  constructor (context: Context, formatter: LogFieldFormatter) {
    this.context = context
    this.formatter = formatter
    this.#span = trace.getSpan(context)
    this.#scope = ambientScopeOf(context)
    this.#attributes = this.#scope?.attributes
    this.#organization = organizationWithin(context)
    const fields = formatter.ofAsker(this.#scope, this.#organization)
    // A span's ids win over attributes of such names.
    this.#scopeNames = Object.keys(fields).filter(name => !formatter.isId(name))
    const ids = this.#span === undefined ? '' : formatter.textOfSpan(this.#span.spanContext())
    this.#text = this.#scopeNames.reduce((text, name) => `${text},${JSON.stringify(name)}:${JSON.stringify(fields[name])}`, ids)
  }

  /**
   * Whether a line says just this: no other span is active, no work for somebody else is under way, nothing was added to the
   * request, nothing on the line wins.
   */
  suits ({ span, scope, organization }: LineSubject, mergeObject: object): boolean {
    if (span !== this.#span || scope !== this.#scope || scope?.attributes !== this.#attributes) return false
    if (organization !== this.#organization) return false
    for (const name in mergeObject) if (this.#says(name)) return false
    return true
  }

  /** The bindings of a logger, without these and with them. */
  of (bindings: string, logger: object, internals: PinoInternals): LoggerBindings {
    const own = this.without(bindings)
    const isTaken = this.#mayBeBound(own) && bindingNames(own).some(name => this.#says(name))
    return { request: this, logger, own, whole: isTaken || internals.rewrites(logger, name => this.#says(name)) ? undefined : own + this.#text }
  }

  /** A child logger has the bindings of its parent, as they were when it was made. */
  without (bindings: string): string {
    const text = this.#text
    const at = bindings.length < text.length ? -1 : bindings.indexOf(text)
    return at === -1 ? bindings : bindings.slice(0, at) + bindings.slice(at + text.length)
  }

  #says (name: string): boolean {
    return this.formatter.isId(name) || this.#scopeNames.includes(name)
  }

  /** Spares most loggers a look at each of their bindings. */
  #mayBeBound (own: string): boolean {
    return this.formatter.mayHaveId(own) || this.#scopeNames.some(name => own.includes(name))
  }
}

/** A logger's bindings as the JSON text that begins its lines. */
interface LoggerBindings {
  readonly request: RequestBindings
  readonly logger: object
  /** What the application bound. */
  readonly own: string
  /** With the request's; nothing where the application bound one of the same names itself, or has fields rewritten. */
  readonly whole: string | undefined
}

/** A request's context, until a line is written. */
interface BoundRequest {
  readonly context: Context
  readonly formatter: LogFieldFormatter
  bindings: RequestBindings | undefined
}

const REQUEST = Symbol('letta-otel request of this logger')
const BINDINGS = Symbol('letta-otel bindings of this logger')

/** Loggers made from a request's inherit what is noted on it; each has bindings of its own. */
type RequestLogger = object & { [REQUEST]?: BoundRequest, [BINDINGS]?: LoggerBindings }

/** Makes a request's logger, and those made from it, remember the request. */
export function bindRequest (logger: object, context: Context, formatter: LogFieldFormatter): void {
  if ((logger as RequestLogger)[REQUEST]?.context === context) return
  try {
    (logger as RequestLogger)[REQUEST] = { context, formatter, bindings: undefined }
  } catch {
    // A logger of the user's own making need not take a property. Its lines have ids where a context is active.
  }
}

export function requestOf (logger: object): BoundRequest | undefined {
  return (logger as RequestLogger)[REQUEST]
}

/**
 * Puts a request's bindings among those of a logger for the line that is being written, or takes them out.
 *
 * @returns whether they are there
 */
export function useBindings (
  logger: RequestLogger, bound: BoundRequest, subject: LineSubject, mergeObject: object, internals: PinoInternals
): boolean {
  const request = bound.bindings ??= new RequestBindings(bound.context, bound.formatter)
  const wanted = request.suits(subject, mergeObject)
  const now = internals.bindingsOf(logger)
  let known = logger[BINDINGS]
  if (known?.logger !== logger || known.request !== request || (now !== known.own && now !== known.whole)) {
    // A logger may have served another request before, or be made from one that did.
    known = request.of(known === undefined ? now : known.request.without(now), logger, internals)
    logger[BINDINGS] = known
  }
  const next = wanted ? known.whole ?? known.own : known.own
  if (next !== now) internals.setBindingsOf(logger, next)
  return wanted && known.whole !== undefined
}
