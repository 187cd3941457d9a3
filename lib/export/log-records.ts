import { hostname } from 'node:os'
import { redactLine } from '../redaction/redact-line.ts'
import { severityOf } from './log-severity.ts'
import { MessageWriter } from './message-writer.ts'
import type { Fragment, LineDialect, LogLines } from './parcel.ts'
import { writeAnyValue, writeKeyValue } from './write-any-value.ts'

// Tags of opentelemetry/proto/logs/v1: field number × 8 + wire type.
const SCOPE_LOGS_SCOPE = 0x0a
const SCOPE_NAME = 0x0a
const SCOPE_VERSION = 0x12
const SCOPE_LOGS_LOG_RECORDS = 0x12
const RECORD_TIME = 0x09
const RECORD_SEVERITY_NUMBER = 0x10
const RECORD_SEVERITY_TEXT = 0x1a
const RECORD_BODY = 0x2a
const RECORD_ATTRIBUTES = 0x32
const RECORD_FLAGS = 0x45
const RECORD_TRACE_ID = 0x4a
const RECORD_SPAN_ID = 0x52
const RECORD_OBSERVED_TIME = 0x59

/** pino's times are milliseconds; of its other formats, whole seconds are far smaller numbers. */
const SECONDS_MAX = 1e11
/** The last time that 64 bits of nanoseconds can say. */
const TIME_MAX_MS = 18_446_744_073_709

/** Lines of log, and what they become, are about this large for each other. */
const GROWTH = 1.2

/** Fields of a line that have their own place in a record. */
const RECORD_FIELDS = new Set(['level', 'trace_id', 'span_id', 'trace_flags'])

/** Fields of Datadog's that say again what the record and its resource say. */
const REPEATED = new Set(['trace_id', 'span_id', 'service', 'env', 'version'])
const REPEATED_FLAT = new Set([...REPEATED].map(name => `dd.${name}`))

const HOSTNAME = hostname()

type Fields = Record<string, unknown>

/** What is the same for all records. */
export interface LogRecordSettings {
  /** The instrumentation scope. */
  readonly scope?: { readonly name: string, readonly version: string | undefined }
  /** Query keys whose values are never sent, in lower case. */
  readonly secretQueryKeys?: ReadonlySet<string>
}

/**
 * Makes OTLP log records of lines that pino wrote: `msg` is the body, `err` becomes `exception.*`, the ids of the span go
 * to their own fields, what the record or its resource says already is left out, and all else is an attribute. A line that
 * is no JSON object is the body of a record.
 *
 * @param now milliseconds since the epoch, the observed time
 */
export function logLinesFragment (
  { lines, count, dialect = {} }: Pick<LogLines, 'lines' | 'count' | 'dialect'>, now: number, { scope, secretQueryKeys }: LogRecordSettings = {}
): Fragment {
  const { messageKey = 'msg', errorKey = 'err' } = dialect
  const writer = new MessageWriter(Math.ceil(lines.length * GROWTH) + 256)
  const observed = new MessageWriter(16).varint(RECORD_OBSERVED_TIME).fixed64(nanoseconds(now)).written
  for (const line of lines.split('\n')) {
    if (line.trim() === '') continue
    const fields = fieldsOf(line, messageKey)
    if (secretQueryKeys !== undefined) redactLine(fields, { messageKey, errorKey }, secretQueryKeys)
    writer.message(SCOPE_LOGS_LOG_RECORDS, () => { writeRecord(writer, fields, dialect, observed) })
  }
  return { signal: 'logs', scope: scopeBytes(scope), items: writer.written, count }
}

function scopeBytes (scope: LogRecordSettings['scope']): Uint8Array {
  const writer = new MessageWriter(128)
  return writer.message(SCOPE_LOGS_SCOPE, () => {
    if (scope === undefined) return
    writer.text(SCOPE_NAME, scope.name)
    if (scope.version !== undefined) writer.text(SCOPE_VERSION, scope.version)
  }).written
}

function fieldsOf (line: string, messageKey: string): Fields {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  } catch {}
  return { [messageKey]: line }
}

function writeRecord (writer: MessageWriter, fields: Fields, { messageKey = 'msg', errorKey = 'err', levels }: LineDialect, observed: Uint8Array): void {
  const { level, time, [messageKey]: message, [errorKey]: error, trace_id: traceId, span_id: spanId, trace_flags: traceFlags } = fields
  const timeName = time === undefined ? 'timestamp' : 'time'
  const timeMs = epochMs(fields[timeName])
  if (timeMs !== undefined) writer.varint(RECORD_TIME).fixed64(nanoseconds(timeMs))
  const severity = severityOf(level, levels)
  if (severity.number > 0) writer.varint(RECORD_SEVERITY_NUMBER).varint(severity.number)
  if (severity.text !== '') writer.text(RECORD_SEVERITY_TEXT, severity.text)
  else writeLeft(writer, 'level', level)
  if (message !== undefined) writer.message(RECORD_BODY, () => { writeAnyValue(writer, message) })
  for (const name of Object.keys(fields)) {
    if (RECORD_FIELDS.has(name) || name === messageKey || name === errorKey || (name === timeName && timeMs !== undefined)) continue
    const value = name === 'dd' ? ownPart(fields[name]) : fields[name]
    if (!isRepeated(name, value)) writeLeft(writer, name, value)
  }
  writeError(writer, errorKey, error)
  writeId(writer, RECORD_TRACE_ID, 'trace_id', traceId, 32)
  writeId(writer, RECORD_SPAN_ID, 'span_id', spanId, 16)
  if (typeof traceFlags === 'string' && /^[0-9a-f]{2}$/i.test(traceFlags)) writer.varint(RECORD_FLAGS).fixed32(parseInt(traceFlags, 16))
  else writeLeft(writer, 'trace_flags', traceFlags)
  writer.raw(observed)
}

/** Worker and application are one process: its number and host are not said with each line. */
function isRepeated (name: string, value: unknown): boolean {
  return (name === 'pid' && value === process.pid) || (name === 'hostname' && value === HOSTNAME) || REPEATED_FLAT.has(name)
}

/** What is under `dd` beside the fields that repeat something. */
function ownPart (dd: unknown): unknown {
  if (typeof dd !== 'object' || dd === null || Array.isArray(dd)) return dd
  const own = Object.entries(dd).filter(([name]) => !REPEATED.has(name))
  return own.length === 0 ? undefined : Object.fromEntries(own)
}

function writeError (writer: MessageWriter, errorKey: string, error: unknown): void {
  if (typeof error !== 'object' || error === null || Array.isArray(error)) {
    writeLeft(writer, errorKey, error)
    return
  }
  const { type, name, message, stack, ...rest } = error as Fields
  writeLeft(writer, 'exception.type', type ?? name)
  writeLeft(writer, 'exception.message', message)
  writeLeft(writer, 'exception.stacktrace', stack)
  if (Object.keys(rest).length > 0) writeKeyValue(writer, RECORD_ATTRIBUTES, errorKey, rest)
}

/** An id that is none stays what it was: an attribute. */
function writeId (writer: MessageWriter, tag: number, name: string, value: unknown, digits: number): void {
  if (typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value) && !/^0+$/.test(value)) {
    writer.bytes(tag, Buffer.from(value, 'hex'))
  } else writeLeft(writer, name, value)
}

function writeLeft (writer: MessageWriter, name: string, value: unknown): void {
  if (value !== undefined) writeKeyValue(writer, RECORD_ATTRIBUTES, name, value)
}

function epochMs (time: unknown): number | undefined {
  const given = typeof time === 'string' ? Date.parse(time) : time
  if (typeof given !== 'number') return undefined
  const milliseconds = given < SECONDS_MAX ? given * 1_000 : given
  return milliseconds > 0 && milliseconds <= TIME_MAX_MS ? milliseconds : undefined
}

function nanoseconds (milliseconds: number): bigint {
  // Milliseconds may have a fraction; their product with 10⁶ has more than 53 bits.
  return BigInt(Math.floor(milliseconds)) * 1_000_000n + BigInt(Math.floor((milliseconds % 1) * 1e6))
}
