import { pinoInternals, type PinoInternals } from './pino-internals.ts'

/** Where finished lines go. */
export interface LineWriter {
  /** Takes a line with its newline; never waits. */
  write (line: string): void
}

/** Level numbers of pino; a custom level is named by its number. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARNING', 50: 'ERROR', 60: 'CRITICAL' }

/** Fields that get another name, or none: Letta's lines do not carry the host and the process. */
const RENAMED = new Set(['level', 'time', 'msg', 'name', 'err', 'pid', 'hostname'])

/** On a hook that this file made: where its copies go. */
const WRITERS = Symbol('letta-otel writers of this logger')
type StreamWrite = NonNullable<PinoInternals['streamWrite']> & { [WRITERS]?: Map<LineWriter, string> }

/**
 * Gives a copy of every line of a pino logger, and of everything made from it, to `writer`, in the form of a Letta
 * server's log file. Lines are taken as they are written and converted later, in one go for all that came meanwhile.
 *
 * @returns what undoes it, or nothing when the logger is not pino's
 */
export function copyLogLines (logger: object, writer: LineWriter, loggerName: string): (() => void) | undefined {
  const internals = pinoInternals(logger)
  if (internals === undefined) return undefined
  const hook = internals.streamWrite as StreamWrite | undefined
  const writers = hook?.[WRITERS] ?? new Map<LineWriter, string>()
  writers.set(writer, loggerName)
  if (hook?.[WRITERS] === undefined) internals.streamWrite = copyingHook(hook, writers)
  return () => { writers.delete(writer) }
}

function copyingHook (userHook: StreamWrite | undefined, writers: Map<LineWriter, string>): StreamWrite {
  let waiting: string[] = []
  const copy: StreamWrite = line => {
    if (writers.size > 0 && waiting.push(line) === 1) setImmediate(convertWaiting)
    return userHook === undefined ? line : userHook(line)
  }
  copy[WRITERS] = writers
  return copy

  function convertWaiting (): void {
    const lines = waiting
    waiting = []
    for (const [writer, loggerName] of writers) writer.write(lines.map(line => lettaLine(line, loggerName)).join(''))
  }
}

/** One line in the form of Letta.log; a line that is not JSON becomes the message of one. */
export function lettaLine (line: string, loggerName: string): string {
  const fields = parse(line)
  const { level, time, msg, name, err, ...rest } = fields as Record<string, any>
  const letta: Record<string, unknown> = {
    timestamp: timestamp(time),
    level: LEVELS[level] ?? String(level ?? 'INFO').toUpperCase(),
    logger: name ?? loggerName,
    message: msg ?? ''
  }
  if (typeof err === 'object' && err !== null) {
    letta['exception'] = { type: err.type ?? err.name ?? 'Error', message: err.message ?? '', stacktrace: err.stack ?? '' }
  }
  for (const key of Object.keys(rest)) if (!RENAMED.has(key)) letta[key] = rest[key]
  return `${JSON.stringify(letta)}\n`
}

function parse (line: string): object {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  return { msg: line.trimEnd() }
}

/** pino's default time is a number of milliseconds; its other time functions write ISO text or seconds. */
function timestamp (time: unknown): string {
  const date = new Date(typeof time === 'number' || typeof time === 'string' ? time : Date.now())
  return Number.isNaN(date.getTime()) ? new Date().toISOString() : date.toISOString()
}
