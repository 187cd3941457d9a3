import type { LoggerOptions } from 'pino'
import type { LineDialect } from '../export/parcel.ts'

/** The parts of a pino logger that correlation works with; children inherit them from the logger they were made of. */
export interface PinoInternals {
  mixin: NonNullable<LoggerOptions['mixin']> | undefined
  /** Puts a line's own fields and the mixin's together. */
  mergeMixin: (mergeObject: object, mixinObject: object) => object
  /** Sees every serialized line before it is written. */
  streamWrite: ((line: string) => string) | undefined
  /** Whether what a line says goes into an object of its own (`nestedKey`), beside the bindings. */
  readonly nests: boolean
  readonly logger: object
  /** The bindings of a logger made from this one, as the JSON text that begins its lines. */
  bindingsOf (child: object): string
  setBindingsOf (child: object, bindings: string): void
  /** Whether the logger changes fields before it writes them: all of them, or one that `isOurs`. */
  rewrites (child: object, isOurs: (name: string) => boolean): boolean
  /** How its lines differ from those of a logger that nobody configured. */
  readonly dialect: LineDialect
}

// These pino keeps under global symbols.
const formattersSymbol = Symbol.for('pino.formatters')
const serializersSymbol = Symbol.for('pino.serializers')
const NONE = Symbol('no such property')

/** What changes a line's fields: `formatters`, `redact`, `serializers`. */
interface Rewriting {
  readonly [formattersSymbol]?: { readonly log?: unknown }
  readonly [serializersSymbol]?: object
  readonly [stringifiers: symbol]: object | undefined
}

/**
 * Reaches into a pino logger. Its symbols are public (`pino.symbols`) but not global: a logger made by another copy
 * of pino has others, so they are found by their description on the logger itself.
 *
 * @returns nothing for a logger that is not pino's
 */
export function pinoInternals (logger: object): PinoInternals | undefined {
  const mixinSymbol = findSymbol(logger, 'pino.mixin')
  const hooksSymbol = findSymbol(logger, 'pino.hooks')
  const bindingsSymbol = findSymbol(logger, 'pino.chindings')
  if (mixinSymbol === undefined || hooksSymbol === undefined || bindingsSymbol === undefined) return undefined
  const internals = logger as Record<symbol, unknown>
  const mergeSymbol = findSymbol(logger, 'pino.mixinMergeStrategy')
  const redacts = ofLatest(hasAny)
  const namesOf = ofLatest((serializers: object = {}) => Object.keys(serializers))
  const stringifiersSymbol = findSymbol(logger, 'pino.stringifiers') ?? NONE
  const nestedKeySymbol = findSymbol(logger, 'pino.nestedKey')
  return {
    logger,
    nests: nestedKeySymbol !== undefined && Boolean(internals[nestedKeySymbol]),
    bindingsOf (child) {
      return (child as Record<symbol, string>)[bindingsSymbol] ?? ''
    },
    setBindingsOf (child, bindings) {
      (child as Record<symbol, string>)[bindingsSymbol] = bindings
    },
    rewrites (child, isOurs) {
      const { [formattersSymbol]: formatters, [stringifiersSymbol]: stringifiers, [serializersSymbol]: serializers } = child as Rewriting
      if (formatters?.log !== undefined || redacts(stringifiers)) return true
      for (const name of namesOf(serializers)) if (isOurs(name)) return true
      return false
    },
    get dialect () {
      const text = (description: string): string | undefined => {
        const symbol = findSymbol(logger, description)
        return symbol === undefined ? undefined : internals[symbol] as string | undefined
      }
      const { levels } = logger as { levels?: { labels?: Record<string, string> } }
      return { messageKey: text('pino.messageKey'), errorKey: text('pino.errorKey'), levels: levels?.labels }
    },
    get mixin () {
      return internals[mixinSymbol] as PinoInternals['mixin']
    },
    set mixin (mixin) {
      internals[mixinSymbol] = mixin
    },
    get mergeMixin () {
      return (mergeSymbol === undefined ? undefined : internals[mergeSymbol] as PinoInternals['mergeMixin'] | undefined) ?? mergeAsPino
    },
    set mergeMixin (merge) {
      if (mergeSymbol !== undefined) internals[mergeSymbol] = merge
    },
    get streamWrite () {
      return (internals[hooksSymbol] as { streamWrite?: PinoInternals['streamWrite'] }).streamWrite
    },
    set streamWrite (streamWrite) {
      internals[hooksSymbol] = { ...(internals[hooksSymbol] as object), streamWrite }
    }
  }
}

/** The names of what is bound to a logger; none where its bindings are no JSON. */
export function bindingNames (bindings: string): string[] {
  try {
    return Object.keys(JSON.parse(`{${bindings.slice(1)}}`) as object)
  } catch {
    return []
  }
}

/** Remembers its latest answer: most loggers share what they were made with. */
function ofLatest<Value, Answer> (ask: (value: Value | undefined) => Answer): (value: Value | undefined) => Answer {
  let latest: Value | undefined
  let answer = ask(undefined)
  return value => {
    if (value !== latest) {
      latest = value
      answer = ask(value)
    }
    return answer
  }
}

/** pino keeps what redacts under the names of fields and, for those with wildcards, under symbols. */
function hasAny (stringifiers: object | undefined): boolean {
  return stringifiers !== undefined && Reflect.ownKeys(stringifiers).length > 0
}

/** What pino does by default. */
function mergeAsPino (mergeObject: object, mixinObject: object): object {
  return Object.assign(mixinObject, mergeObject)
}

function findSymbol (logger: object, description: string): symbol | undefined {
  for (let holder: object | null = logger; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const symbol = Object.getOwnPropertySymbols(holder).find(candidate => candidate.description === description)
    if (symbol !== undefined) return symbol
  }
  return undefined
}
