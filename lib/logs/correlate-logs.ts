import { context, trace, type Context } from '@opentelemetry/api'
import { ambientScopeOf } from '../ambient/context-attributes.ts'
import { organizationOfWork, organizationWithin } from '../ambient/organization.ts'
import type { LineSubject } from './line-subject.ts'
import type { LogFieldFormatter, LogFields } from './log-fields.ts'
import { bindingNames, pinoInternals, type PinoInternals } from './pino-internals.ts'
import { bindRequest, requestOf, useBindings } from './request-bindings.ts'

/** Finds the request that a line is about, where its context is not the active one. */
export type ContextOfLine = (mergeObject: object) => Context | undefined

/** The applications that use a logger, and how each writes its fields. */
type Users = Map<ContextOfLine, LogFieldFormatter>
/** On a mixin that this file made. */
const USERS = Symbol('letta-otel users of this logger')
type Mixin = NonNullable<PinoInternals['mixin']> & { [USERS]?: Users }

/** What a mixin answers where a line needs no fields of its own. */
const NO_FIELDS: LogFields = Object.freeze({})

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
  const users: Users = mixin?.[USERS] ?? new Map()
  users.set(contextOfLine, formatter)
  if (mixin?.[USERS] === undefined) new Correlation(formatter, internals, users).install(mixin)
  return {
    bind (requestLogger, requestContext) { bindRequest(requestLogger, requestContext, formatter) },
    undo () { users.delete(contextOfLine) }
  }
}

/** The ids go onto a line in one of two ways: among its logger's bindings, which costs least, or as fields of its own. */
class Correlation {
  #formatter: LogFieldFormatter
  readonly #internals: PinoInternals
  readonly #users: Users

  constructor (formatter: LogFieldFormatter, internals: PinoInternals, users: Users) {
    this.#formatter = formatter
    this.#internals = internals
    this.#users = users
  }

  install (userMixin: Mixin | undefined): void {
    const internals = this.#internals
    // What a user's mixin says wins, and is not known before it was asked.
    const isBindable = userMixin === undefined && !internals.nests
    const mixin: Mixin = (mergeObject, level, logger) => {
      const fields = this.#fieldsOfLine(mergeObject, logger, isBindable)
      return userMixin === undefined ? fields : Object.assign(fields, userMixin(mergeObject, level, logger))
    }
    mixin[USERS] = this.#users
    internals.mixin = mixin
    const merge = internals.mergeMixin
    internals.mergeMixin = (mergeObject, fields) => fields === NO_FIELDS ? mergeObject : merge(mergeObject, fields)
  }

  /** Never throws: writing a line is nothing that may fail for telemetry. */
  #fieldsOfLine (mergeObject: object, logger: object, isBindable: boolean): LogFields {
    try {
      const subject = this.#subjectOf(mergeObject, logger)
      const request = isBindable ? requestOf(logger) : undefined
      if (request !== undefined && useBindings(logger, request, subject, mergeObject, this.#internals)) return NO_FIELDS
      const formatter = request?.formatter ?? this.#formatterInUse()
      return this.#unbound(formatter.ofLine(subject.span, subject.scope, subject.organization), logger)
    } catch {
      return {}
    }
  }

  /** That of the application which came last; lines are written after the last one went, too. */
  #formatterInUse (): LogFieldFormatter {
    for (const formatter of this.#users.values()) this.#formatter = formatter
    return this.#formatter
  }

  /**
   * A line that names a request is about that one, whichever is being served. Else the active context counts, unless it
   * belongs to no request: a request's own logger knows better then. A span that is active counts in any case.
   */
  #subjectOf (mergeObject: object, logger: object): LineSubject {
    const active = context.active()
    const about = 'req' in mergeObject ? this.#contextFromUsers(mergeObject, logger) : undefined
    const activeScope = ambientScopeOf(active)
    const known = about ?? (activeScope === undefined ? requestOf(logger)?.context ?? active : active)
    return {
      span: (about === undefined ? trace.getSpan(active) : undefined) ?? trace.getSpan(known),
      scope: known === active ? activeScope : ambientScopeOf(known),
      organization: about === undefined ? organizationOfWork(active) : organizationWithin(about)
    }
  }

  #contextFromUsers (mergeObject: object, logger: object): Context | undefined {
    for (const [contextOfLine, formatter] of this.#users) {
      const found = contextOfLine(mergeObject)
      if (found === undefined) continue
      // Fastify's first line of a request is written before any hook could bind the logger.
      const { log } = (mergeObject as { req: { log?: object } }).req
      if (log === logger && log !== this.#internals.logger) bindRequest(logger, found, formatter)
      return found
    }
    return undefined
  }

  /** Leaves out what the user bound to the logger: a line would have the field twice, and readers keep the last. */
  #unbound (fields: LogFields, logger: object): LogFields {
    const bindings = this.#internals.bindingsOf(logger)
    if (!Object.keys(fields).some(name => bindings.includes(`"${name}":`))) return fields
    for (const name of bindingNames(bindings)) delete fields[name]
    return fields
  }
}
