import { context, trace, type Context, type Span } from '@opentelemetry/api'
import { ambientScopeOf, type AmbientScope } from '../ambient/context-attributes.ts'
import type { LogFieldFormatter, LogFields } from './log-fields.ts'
import { pinoInternals, type PinoInternals } from './pino-internals.ts'
import { RequestBindings, bindRequest, requestOf, useBindings } from './request-bindings.ts'

/** Finds the request that a line is about, where its context is not the active one. */
export type ContextOfLine = (mergeObject: object) => Context | undefined

/** On a mixin that this file made: the applications that use the logger. */
const USERS = Symbol('letta-otel users of this logger')
type Mixin = NonNullable<PinoInternals['mixin']> & { [USERS]?: Set<ContextOfLine> }

/** A logger's lines, as they are correlated. */
export interface CorrelatedLogs {
  /** Makes a request's logger remember its request, for lines written where no context is active. */
  bind (requestLogger: object, requestContext: Context): void
  /** Undoes it for one application. */
  undo (): void
}

/**
 * Puts trace and request ids onto the lines of a pino logger and of everything made from it. A mixin of the user's
 * stays, and what the user writes on a line wins over what is written here.
 *
 * @returns nothing when the logger is not pino's
 */
export function correlateLogs (logger: object, formatter: LogFieldFormatter, contextOfLine: ContextOfLine): CorrelatedLogs | undefined {
  const internals = pinoInternals(logger)
  if (internals === undefined) return undefined
  const mixin = internals.mixin as Mixin | undefined
  // Applications may share a logger, at once or one after the other: it gets one mixin, which asks them all.
  const users = mixin?.[USERS] ?? new Set<ContextOfLine>()
  users.add(contextOfLine)
  if (mixin?.[USERS] === undefined) internals.mixin = new Correlation(formatter, internals, users).mixin(mixin)
  return {
    bind (requestLogger, requestContext) {
      if (requestOf(requestLogger)?.context !== requestContext) bindRequest(requestLogger, new RequestBindings(requestContext, formatter))
    },
    undo () { users.delete(contextOfLine) }
  }
}

/** What a line is about. */
interface Subject {
  readonly span: Span | undefined
  readonly scope: AmbientScope | undefined
}

/** The ids go onto a line in one of two ways: among its logger's bindings, which costs least, or as fields of its own. */
class Correlation {
  readonly #formatter: LogFieldFormatter
  readonly #internals: PinoInternals
  readonly #users: Set<ContextOfLine>

  constructor (formatter: LogFieldFormatter, internals: PinoInternals, users: Set<ContextOfLine>) {
    this.#formatter = formatter
    this.#internals = internals
    this.#users = users
  }

  mixin (userMixin: Mixin | undefined): Mixin {
    // What a user's mixin says wins, and is not known before it was asked.
    const bindable = userMixin === undefined && !this.#internals.nests
    const mixin: Mixin = (mergeObject, level, logger) => {
      const fields = this.#fieldsOfLine(mergeObject, logger, bindable)
      return userMixin === undefined ? fields : Object.assign(fields, userMixin(mergeObject, level, logger))
    }
    mixin[USERS] = this.#users
    return mixin
  }

  /** Never throws: writing a line is nothing that may fail for telemetry. */
  #fieldsOfLine (mergeObject: object, logger: object, bindable: boolean): LogFields {
    try {
      const subject = this.#subjectOf(mergeObject, logger)
      const request = requestOf(logger)
      if (request !== undefined) {
        const suits = bindable && request.suits(subject.span, subject.scope, mergeObject)
        if (useBindings(logger, request, suits, this.#internals)) return {}
      }
      return this.#unbound(this.#formatter.ofLine(subject.span, subject.scope), logger)
    } catch {
      return {}
    }
  }

  /**
   * A line that names a request is about that one, whichever is being served. Else the active context counts, unless it
   * belongs to no request: a request's own logger knows better then. A span that is active counts in any case.
   */
  #subjectOf (mergeObject: object, logger: object): Subject {
    const active = context.active()
    const about = 'req' in mergeObject ? this.#contextFromUsers(mergeObject, logger) : undefined
    const activeScope = ambientScopeOf(active)
    const known = about ?? (activeScope === undefined ? requestOf(logger)?.context ?? active : active)
    return {
      span: (about === undefined ? trace.getSpan(active) : undefined) ?? trace.getSpan(known),
      scope: known === active ? activeScope : ambientScopeOf(known)
    }
  }

  #contextFromUsers (mergeObject: object, logger: object): Context | undefined {
    for (const contextOfLine of this.#users) {
      const found = contextOfLine(mergeObject)
      if (found === undefined) continue
      // Fastify's first line of a request is written before any hook could bind the logger.
      const { log } = (mergeObject as { req: { log?: object } }).req
      if (log === logger && requestOf(logger) === undefined && log !== this.#internals.logger) {
        bindRequest(logger, new RequestBindings(found, this.#formatter))
      }
      return found
    }
    return undefined
  }

  /** Leaves out what the user bound to the logger: a line would have the field twice, and readers keep the last. */
  #unbound (fields: LogFields, logger: object): LogFields {
    const bindings = this.#internals.bindingsOf(logger)
    for (const name of Object.keys(fields)) if (bindings.includes(`"${name}":`)) delete fields[name]
    return fields
  }
}
