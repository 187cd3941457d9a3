import { redactLine } from '../redaction/redact-line.ts'

/** Level numbers of pino; a custom level is named by its number. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARNING', 50: 'ERROR', 60: 'CRITICAL' }

/** What Letta, as all of Python, calls two of pino's levels. */
const PYTHON_NAMES: ReadonlyMap<string, string> = new Map([['WARN', 'WARNING'], ['FATAL', 'CRITICAL']])

/** Fields that get another name, or none: Letta's lines do not carry the host and the process. */
const RENAMED = new Set(['level', 'time', 'msg', 'name', 'err', 'pid', 'hostname'])

/** Where pino puts message and error unless it is told otherwise. */
const PINO_KEYS = Object.freeze({ messageKey: 'msg', errorKey: 'err' })

/** What a line says beside what the application wrote, and what it must not say. */
export interface LineFormat {
  readonly loggerName: string
  /** Query keys whose values are never kept, in lower case. */
  readonly secretQueryKeys: ReadonlySet<string>
}

/** Lines as pino wrote them, in the form of Letta.log. */
export function lettaLines (lines: string, format: LineFormat): string {
  return lines.split('\n').map(line => line.trim() === '' ? '' : lettaLine(line, format)).join('')
}

/** One line in the form of Letta.log; a line that is not JSON becomes the message of one. */
export function lettaLine (line: string, { loggerName, secretQueryKeys }: LineFormat): string {
  const fields = parse(line)
  redactLine(fields, PINO_KEYS, secretQueryKeys)
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
  return `${JSON.stringify(letta)}\n`
}

/** A field that the application logs may be named `level` too, and a client may have chosen what is in it. */
function levelName (level: unknown): string {
  if (typeof level === 'number') return LEVELS[level] ?? String(level)
  if (typeof level !== 'string') return 'INFO'
  const name = level.toUpperCase()
  return PYTHON_NAMES.get(name) ?? name
}

function parse (line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
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
