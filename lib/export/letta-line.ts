import { redactLine } from '../redaction/redact-line.ts'
import type { LineDialect } from './parcel.ts'

/** Level numbers of pino. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARNING', 50: 'ERROR', 60: 'CRITICAL' }

/** What Letta, as all of Python, calls two of pino's levels. */
const PYTHON_NAMES: ReadonlyMap<string, string> = new Map([['WARN', 'WARNING'], ['FATAL', 'CRITICAL']])

/** Letta's lines do not carry the process and the host. */
const LEFT_OUT = new Set(['pid', 'hostname'])
/** Begins the name of a field of the application's whose own name is one of the line's. */
const APPLICATION_PREFIX = 'app.'

/** What a line says beside what the application wrote, and what it must not say. */
export interface LineFormat {
  readonly loggerName: string
  /** Query keys whose values are never kept, in lower case. */
  readonly secretQueryKeys: ReadonlySet<string>
}

/** Lines as pino wrote them, in the form of Letta.log. */
export function lettaLines (lines: string, format: LineFormat, dialect?: LineDialect): string {
  return lines.split('\n').map(line => line.trim() === '' ? '' : lettaLine(line, format, dialect)).join('')
}

/** One line in the form of Letta.log; a line that is not JSON becomes the message of one. */
export function lettaLine (line: string, { loggerName, secretQueryKeys }: LineFormat, dialect: LineDialect = {}): string {
  const { messageKey = 'msg', errorKey = 'err', levels } = dialect
  const fields = parse(line, messageKey)
  redactLine(fields, { messageKey, errorKey }, secretQueryKeys)
  const { level, time, name, [messageKey]: message, [errorKey]: err, ...rest } = fields as Record<string, any>
  const letta: Record<string, unknown> = {
    timestamp: timestamp(time),
    level: levelName(level, levels),
    logger: name ?? loggerName,
    message: message ?? ''
  }
  if (typeof err === 'object' && err !== null) {
    letta['exception'] = { type: err.type ?? err.name ?? 'Error', message: err.message ?? '', stacktrace: err.stack ?? '' }
  }
  for (const key of Object.keys(rest)) {
    if (!LEFT_OUT.has(key)) letta[Object.hasOwn(letta, key) ? `${APPLICATION_PREFIX}${key}` : key] = rest[key]
  }
  return `${JSON.stringify(letta)}\n`
}

/** A field that the application logs may be named `level` too, and a client may have chosen what is in it. */
function levelName (level: unknown, levels: LineDialect['levels'] = {}): string {
  const isNamed = typeof level === 'number' && Object.hasOwn(levels, level)
  if (typeof level === 'number' && !isNamed) return LEVELS[level] ?? String(level)
  const given = isNamed ? levels[level] : level
  if (typeof given !== 'string') return 'INFO'
  const name = given.toUpperCase()
  return PYTHON_NAMES.get(name) ?? name
}

function parse (line: string, messageKey: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  return { [messageKey]: line.trimEnd() }
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
