import { severityOf } from './log-severity.ts'
import { MessageWriter } from './message-writer.ts'
import type { Fragment, LogLines } from './parcel.ts'
import { writeAnyValue, writeKeyValue } from './write-any-value.ts'

// Tags of opentelemetry/proto/logs/v1: field number × 8 + wire type.
const SCOPE_LOGS_SCOPE = 0x0a
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

type Fields = Record<string, unknown>

/**
 * Makes OTLP log records of lines that pino wrote: `msg` is the body, `err` becomes `exception.*`, the ids of the span go
 * to their own fields, Datadog's copies of them are left out, and all else is an attribute. A line that is no JSON
 * object is the body of a record.
 *
 * @param now milliseconds since the epoch, the observed time
 */
export function logLinesFragment ({ lines, count }: Pick<LogLines, 'lines' | 'count'>, now: number): Fragment {
  const scope = new MessageWriter(32).message(SCOPE_LOGS_SCOPE, () => { }).written
  const writer = new MessageWriter(Math.ceil(lines.length * GROWTH) + 256)
  for (const line of lines.split('\n')) {
    if (line.trim() !== '') writer.message(SCOPE_LOGS_LOG_RECORDS, () => { writeRecord(writer, fieldsOf(line), now) })
  }
  return { signal: 'logs', scope, items: writer.written, count }
}

function fieldsOf (line: string): Fields {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  } catch {}
  return { msg: line }
}

function writeRecord (writer: MessageWriter, fields: Fields, now: number): void {
  const { level, time, msg, err, trace_id: traceId, span_id: spanId, trace_flags: traceFlags, dd, ...rest } = fields
  const timeMs = epochMs(time)
  if (timeMs !== undefined) writer.varint(RECORD_TIME).fixed64(nanoseconds(timeMs))
  const severity = severityOf(level)
  if (severity.number > 0) writer.varint(RECORD_SEVERITY_NUMBER).varint(severity.number)
  if (severity.text !== '') writer.text(RECORD_SEVERITY_TEXT, severity.text)
  if (msg !== undefined) writer.message(RECORD_BODY, () => { writeAnyValue(writer, msg) })
  for (const name of Object.keys(rest)) {
    if (!name.startsWith('dd.')) writeKeyValue(writer, RECORD_ATTRIBUTES, name, rest[name])
  }
  writeError(writer, err)
  writeId(writer, RECORD_TRACE_ID, 'trace_id', traceId, 32)
  writeId(writer, RECORD_SPAN_ID, 'span_id', spanId, 16)
  if (typeof traceFlags === 'string' && /^[0-9a-f]{2}$/i.test(traceFlags)) writer.varint(RECORD_FLAGS).fixed32(parseInt(traceFlags, 16))
  else writeLeft(writer, 'trace_flags', traceFlags)
  writer.varint(RECORD_OBSERVED_TIME).fixed64(nanoseconds(now))
}

function writeError (writer: MessageWriter, err: unknown): void {
  if (typeof err !== 'object' || err === null || Array.isArray(err)) {
    writeLeft(writer, 'err', err)
    return
  }
  const { type, name, message, stack, ...rest } = err as Fields
  writeLeft(writer, 'exception.type', type ?? name)
  writeLeft(writer, 'exception.message', message)
  writeLeft(writer, 'exception.stacktrace', stack)
  if (Object.keys(rest).length > 0) writeKeyValue(writer, RECORD_ATTRIBUTES, 'err', rest)
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
