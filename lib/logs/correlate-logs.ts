import { context, trace, type Context } from '@opentelemetry/api'
import { ambientScopeOf } from '../ambient/context-attributes.ts'
import type { LogFieldFormatter, LogFields } from './log-fields.ts'
import { pinoInternals, type PinoInternals } from './pino-internals.ts'

/** Finds the request that a line is about, where its context is not the active one. */
export type ContextOfLine = (mergeObject: object) => Context | undefined

const REQUEST_CONTEXT = Symbol('letta-otel request context')
type BoundLogger = object & { [REQUEST_CONTEXT]?: Context }
/** On a mixin that this file made: the applications that use the logger. */
const USERS = Symbol('letta-otel users of this logger')
type Mixin = NonNullable<PinoInternals['mixin']> & { [USERS]?: Set<ContextOfLine> }

/**
 * Puts trace and request ids onto the lines of a pino logger and of everything made from it. A mixin of the user's
 * stays, and what the user writes on a line wins over what is written here.
 *
 * @returns what undoes it for this application, or nothing when the logger is not pino's
 */
export function correlateLogs (logger: object, formatter: LogFieldFormatter, contextOfLine: ContextOfLine): (() => void) | undefined {
  const internals = pinoInternals(logger)
  if (internals === undefined) return undefined
  const mixin = internals.mixin as Mixin | undefined
  // Applications may share a logger, at once or one after the other: it gets one mixin, which asks them all.
  const users = mixin?.[USERS] ?? new Set<ContextOfLine>()
  users.add(contextOfLine)
  if (mixin?.[USERS] === undefined) internals.mixin = correlatingMixin(mixin, users, formatter, internals)
  return () => { users.delete(contextOfLine) }
}

function correlatingMixin (
  userMixin: Mixin | undefined, users: Set<ContextOfLine>, formatter: LogFieldFormatter, { bindingsOf }: PinoInternals
): Mixin {
  const mixin: Mixin = (mergeObject, level, logger) => {
    const fields = unbound(fieldsOfLine(mergeObject, logger, formatter, users), bindingsOf(logger))
    return userMixin === undefined ? fields : Object.assign(fields, userMixin(mergeObject, level, logger))
  }
  mixin[USERS] = users
  return mixin
}

/** Makes a request's logger remember its request, for lines written where no context is active. */
export function bindLogger (logger: object, requestContext: Context): void {
  try {
    (logger as BoundLogger)[REQUEST_CONTEXT] = requestContext
  } catch {
    // A logger of the user's own making need not take a property. Its lines have ids where a context is active.
  }
}

/** Leaves out what the user bound to the logger: a line would have the field twice, and readers keep the last. */
function unbound (fields: LogFields, bindings: string): LogFields {
  for (const name of Object.keys(fields)) if (bindings.includes(`"${name}":`)) delete fields[name]
  return fields
}

/** Never throws: writing a line is nothing that may fail for telemetry. */
function fieldsOfLine (mergeObject: object, logger: object, formatter: LogFieldFormatter, users: Set<ContextOfLine>): LogFields {
  try {
    const active = context.active()
    const { about, known } = contextsOfLine(active, mergeObject, logger, users)
    const span = (about === undefined ? trace.getSpan(active) : undefined) ?? trace.getSpan(known)
    const scope = ambientScopeOf(known)
    const fields = scope === undefined ? {} : formatter.ofScope(scope)
    return span === undefined ? fields : Object.assign(fields, formatter.ofSpan(span.spanContext()))
  } catch {
    return {}
  }
}

/**
 * A line that names a request is about that one, whichever is being served. Else the active context counts, unless it
 * belongs to no request: a request's own logger knows better then.
 */
function contextsOfLine (active: Context, mergeObject: object, logger: object, users: Set<ContextOfLine>): { about: Context | undefined, known: Context } {
  const about = 'req' in mergeObject ? contextFromUsers(mergeObject, users) : undefined
  const bound = ambientScopeOf(active) === undefined ? (logger as BoundLogger)[REQUEST_CONTEXT] : undefined
  return { about, known: about ?? bound ?? active }
}

function contextFromUsers (mergeObject: object, users: Set<ContextOfLine>): Context | undefined {
  for (const contextOfLine of users) {
    const found = contextOfLine(mergeObject)
    if (found !== undefined) return found
  }
  return undefined
}
