import type { LoggerOptions } from 'pino'
import type { LineDialect } from '../export/parcel.ts'

/** The parts of a pino logger that correlation works with; children inherit them from the logger they were made of. */
export interface PinoInternals {
  mixin: NonNullable<LoggerOptions['mixin']> | undefined
  /** Sees every serialized line before it is written. */
  streamWrite: ((line: string) => string) | undefined
  /** Whether what a line says goes into an object of its own (`nestedKey`), beside the bindings. */
  readonly nests: boolean
  readonly logger: object
  /** The bindings of a logger made from this one, as the JSON text that begins its lines. */
  bindingsOf (child: object): string
  setBindingsOf (child: object, bindings: string): void
  /** How its lines differ from those of a logger that nobody configured. */
  readonly dialect: LineDialect
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
    get streamWrite () {
      return (internals[hooksSymbol] as { streamWrite?: PinoInternals['streamWrite'] }).streamWrite
    },
    set streamWrite (streamWrite) {
      internals[hooksSymbol] = { ...(internals[hooksSymbol] as object), streamWrite }
    }
  }
}

function findSymbol (logger: object, description: string): symbol | undefined {
  for (let holder: object | null = logger; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const symbol = Object.getOwnPropertySymbols(holder).find(candidate => candidate.description === description)
    if (symbol !== undefined) return symbol
  }
  return undefined
}
