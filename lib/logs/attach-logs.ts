import type { Context } from '@opentelemetry/api'
import { correlateLogs, type ContextOfLine } from './correlate-logs.ts'
import { LogFieldFormatter, type LogFieldOptions } from './log-fields.ts'
import { pinoInternals } from './pino-internals.ts'
import { tapLines, type LineOutlet } from './tap-lines.ts'

/** What is done with an application's lines, and what is needed for it. */
export interface LogSettings {
  readonly fields: LogFieldOptions
  readonly correlation: boolean
  /** Where lines become lines of the log file, unless there is none. */
  readonly file: LineOutlet | undefined
  /** Where lines become log records, unless they do not. */
  readonly records: LineOutlet | undefined
  readonly contextOfLine: ContextOfLine
  /** Told once when the application's logger is not pino's. */
  readonly report: (problem: string) => void
}

/** The hold on an application's logger. */
export interface AttachedLogs {
  /** Makes a request's own logger remember its request. */
  bind (requestLogger: object, requestContext: Context): void
  detach (): void
}

const NOT_ATTACHED: AttachedLogs = Object.freeze({ bind () {}, detach () {} })

/** Whether a logger never writes, as Fastify's with `logger: false`: it has one empty function for all levels. */
export function isSilent (logger: { info: unknown, warn: unknown, fatal?: unknown }): boolean {
  return logger.info === logger.fatal && logger.warn === logger.fatal && pinoInternals(logger) === undefined
}

/** Correlates the lines of `logger` and of everything made from it, and hands copies of them over. */
export function attachLogs (logger: object, settings: LogSettings): AttachedLogs {
  const { correlation, file, records, fields, contextOfLine, report } = settings
  const formatter = new LogFieldFormatter(fields)
  const correlated = correlation ? correlateLogs(logger, formatter, contextOfLine) : undefined
  const undo = [
    ...(correlation ? [correlated?.undo] : []),
    ...[file, records].filter(outlet => outlet !== undefined).map(outlet => tapLines(logger, outlet, ({ dialect }) => outlet.open(dialect)))
  ]
  if (undo.includes(undefined)) {
    report("log lines carry no trace ids and are not copied: the application's logger is not pino's; " +
      'use Fastify\'s own logger, or set { logs: false }')
    return NOT_ATTACHED
  }
  return {
    bind (requestLogger, requestContext) {
      // Without child loggers (logging is off, say) every request has the application's.
      if (requestLogger !== logger) correlated?.bind(requestLogger, requestContext)
    },
    detach () {
      for (const takeBack of undo) takeBack?.()
    }
  }
}
