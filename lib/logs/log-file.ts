import { redactUrl } from '../redaction/redact-query.ts'
import { pinoInternals, type PinoInternals } from './pino-internals.ts'

/** Where finished lines go. */
export interface LineWriter {
  /** Takes a line with its newline; never waits. */
  write (line: string): void
}

/** Level numbers of pino; a custom level is named by its number. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARNING', 50: 'ERROR', 60: 'CRITICAL' }

/** What Letta, as all of Python, calls two of pino's levels. */
const PYTHON_NAMES: ReadonlyMap<string, string> = new Map([['WARN', 'WARNING'], ['FATAL', 'CRITICAL']])

/** Fields that get another name, or none: Letta's lines do not carry the host and the process. */
const RENAMED = new Set(['level', 'time', 'msg', 'name', 'err', 'pid', 'hostname'])

/** What a line says beside what the application wrote, and what it must not say. */
export interface LineFormat {
  readonly loggerName: string
  /** Query keys whose values are never kept, in lower case. */
  readonly secretQueryKeys: ReadonlySet<string>
}

/** The copies that are made of a logger's lines. */
interface Copies {
  /** Where they go, under which name, and for how many applications. */
  readonly writers: Map<LineWriter, { readonly format: LineFormat, users: number }>
  /** Hands over the lines that came since the last time. */
  convertWaiting (): void
}

/** On a hook that this file made. */
const COPIES = Symbol('letta-otel copies of this logger')
type StreamWrite = NonNullable<PinoInternals['streamWrite']> & { [COPIES]?: Copies }

/**
 * Gives a copy of every line of a pino logger, and of everything made from it, to `writer`, in the form of a Letta
 * server's log file. Lines are taken as they are written and converted later, in one go for all that came meanwhile.
 *
 * @returns what undoes it, or nothing when the logger is not pino's
 */
export function copyLogLines (logger: object, writer: LineWriter, format: LineFormat): (() => void) | undefined {
  const internals = pinoInternals(logger)
  if (internals === undefined) return undefined
  const { writers, convertWaiting } = (internals.streamWrite as StreamWrite | undefined)?.[COPIES] ?? startCopying(internals)
  const entry = writers.get(writer) ?? { format, users: 0 }
  entry.users++
  writers.set(writer, entry)
  return () => {
    convertWaiting()
    if (--entry.users === 0) writers.delete(writer)
  }
}

function startCopying (internals: PinoInternals): Copies {
  const userHook = internals.streamWrite
  let waiting: string[] = []
  const copies: Copies = {
    writers: new Map(),
    convertWaiting () {
      const lines = waiting
      waiting = []
      if (lines.length === 0) return
      for (const [writer, { format }] of copies.writers) writer.write(lines.map(line => lettaLine(line, format)).join(''))
    }
  }
  const copy: StreamWrite = line => {
    // A hook of the user's may be there to take secrets out: the copy is of what it leaves.
    const written = userHook === undefined ? line : userHook(line)
    if (copies.writers.size > 0 && waiting.push(written) === 1) setImmediate(copies.convertWaiting)
    return written
  }
  copy[COPIES] = copies
  internals.streamWrite = copy
  return copies
}

/** One line in the form of Letta.log; a line that is not JSON becomes the message of one. */
export function lettaLine (line: string, { loggerName, secretQueryKeys }: LineFormat): string {
  const fields = parse(line)
  const { level, time, msg, name, err, ...rest } = fields as Record<string, any>
  const letta: Record<string, unknown> = {
    timestamp: timestamp(time),
    level: levelName(level),
    logger: name ?? loggerName,
    message: msg ?? ''
  }
  if (typeof err === 'object' && err !== null) {
    letta['exception'] = { type: err.type ?? err.name ?? 'Error', message: err.message ?? '', stacktrace: err.stack ?? '' }
  }
  for (const key of Object.keys(rest)) if (!RENAMED.has(key)) letta[key] = rest[key]
  // Fastify writes the URL of each request as the client sent it.
  if (typeof rest['req']?.url === 'string') letta['req'] = { ...rest['req'], url: redactUrl(rest['req'].url, secretQueryKeys) }
  return `${JSON.stringify(letta)}\n`
}

/** A field that the application logs may be named `level` too, and a client may have chosen what is in it. */
function levelName (level: unknown): string {
  if (typeof level === 'number') return LEVELS[level] ?? String(level)
  if (typeof level !== 'string') return 'INFO'
  const name = level.toUpperCase()
  return PYTHON_NAMES.get(name) ?? name
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
  const date = new Date(typeof time === 'number' ? milliseconds(time) : typeof time === 'string' ? time : Date.now())
  return Number.isNaN(date.getTime()) ? new Date().toISOString() : date.toISOString()
}

/** No time of a log line is in the first months of 1970: a small number is in seconds. */
function milliseconds (time: number): number {
  return time < 1e11 ? time * 1_000 : time
}
