import { hostname } from 'node:os'
import { AttributeEncoder } from '../otlp/encode-attributes.ts'
import { encodeScope, type Scope } from '../otlp/encode-scope.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import { beginMessage, writeNumber, writeText, writeTime } from '../otlp/write-fields.ts'
import { redactLine } from '../redaction/redact-line.ts'
import { severityOf } from './log-severity.ts'
import type { Fragment, LineDialect, LogLines } from './parcel.ts'

// Tags of opentelemetry/proto/logs/v1: field number × 8 + wire type.
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
const NO_SCOPE: Scope = { name: '' }

type Fields = Record<string, unknown>

/** What is the same for all records. */
export interface LogRecordSettings {
  /** The instrumentation scope. */
  readonly scope?: Scope
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
  { lines, count, dialect = {} }: Pick<LogLines, 'lines' | 'count' | 'dialect'>, now: number, { scope = NO_SCOPE, secretQueryKeys }: LogRecordSettings = {}
): Fragment {
  const { messageKey = 'msg', errorKey = 'err' } = dialect
  const writer = new ProtobufWriter(Math.ceil(lines.length * GROWTH) + 256)
  const records = new RecordWriter(writer, dialect, now)
  for (const line of lines.split('\n')) {
    if (line.trim() === '') continue
    const fields = fieldsOf(line, messageKey)
    if (secretQueryKeys !== undefined) redactLine(fields, { messageKey, errorKey }, secretQueryKeys)
    const start = beginMessage(writer, SCOPE_LOGS_LOG_RECORDS)
    records.write(fields)
    writer.finish(start)
  }
  return { signal: 'logs', scope: encodeScope(scope), items: writer.written, count }
}

function fieldsOf (line: string, messageKey: string): Fields {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  } catch {}
  return { [messageKey]: line }
}

/** Writes the content of records. */
class RecordWriter {
  readonly #writer: ProtobufWriter
  readonly #attributes = new AttributeEncoder()
  readonly #dialect: LineDialect
  readonly #observed: Uint8Array

  constructor (writer: ProtobufWriter, dialect: LineDialect, now: number) {
    this.#writer = writer
    this.#dialect = dialect
    const observed = new ProtobufWriter(16)
    writeTime(observed, RECORD_OBSERVED_TIME, secondsAndNanoseconds(now))
    this.#observed = observed.written
  }

  write (fields: Fields): void {
    const writer = this.#writer
    const { messageKey = 'msg', errorKey = 'err', levels } = this.#dialect
    const { level, time, [messageKey]: message, [errorKey]: error, trace_id: traceId, span_id: spanId, trace_flags: traceFlags } = fields
    const timeName = time === undefined ? 'timestamp' : 'time'
    const timeMs = epochMs(fields[timeName])
    if (timeMs !== undefined) writeTime(writer, RECORD_TIME, secondsAndNanoseconds(timeMs))
    const severity = severityOf(level, levels)
    writeNumber(writer, RECORD_SEVERITY_NUMBER, severity.number)
    writeText(writer, RECORD_SEVERITY_TEXT, severity.text)
    if (severity.text === '') this.#writeLeft('level', level)
    if (message !== undefined) this.#attributes.writeValue(writer, RECORD_BODY, message)
    for (const name of Object.keys(fields)) {
      if (RECORD_FIELDS.has(name) || name === messageKey || name === errorKey || (name === timeName && timeMs !== undefined)) continue
      const value = name === 'dd' ? ownPart(fields[name]) : fields[name]
      if (!isRepeated(name, value)) this.#writeLeft(name, value)
    }
    this.#writeError(errorKey, error)
    this.#writeId(RECORD_TRACE_ID, 'trace_id', traceId, 32)
    this.#writeId(RECORD_SPAN_ID, 'span_id', spanId, 16)
    if (typeof traceFlags === 'string' && /^[0-9a-f]{2}$/i.test(traceFlags)) {
      writer.reserve(1)
      writer.byte(RECORD_FLAGS)
      writer.fixed32(parseInt(traceFlags, 16))
    } else this.#writeLeft('trace_flags', traceFlags)
    writer.raw(this.#observed)
  }

  #writeError (errorKey: string, error: unknown): void {
    if (typeof error !== 'object' || error === null || Array.isArray(error)) {
      this.#writeLeft(errorKey, error)
      return
    }
    const { type, name, message, stack, ...rest } = error as Fields
    this.#writeLeft('exception.type', type ?? name)
    this.#writeLeft('exception.message', message)
    this.#writeLeft('exception.stacktrace', stack)
    if (Object.keys(rest).length > 0) this.#writeLeft(errorKey, rest)
  }

  /** An id that is none stays what it was: an attribute. */
  #writeId (tag: number, name: string, value: unknown, digits: number): void {
    if (typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value) && !/^0+$/.test(value)) {
      this.#writer.reserve(1)
      this.#writer.byte(tag)
      this.#writer.lengthDelimited(Buffer.from(value, 'hex'))
    } else this.#writeLeft(name, value)
  }

  #writeLeft (name: string, value: unknown): void {
    if (value !== undefined) this.#attributes.write(this.#writer, RECORD_ATTRIBUTES, name, value)
  }
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

function epochMs (time: unknown): number | undefined {
  const given = typeof time === 'string' ? Date.parse(time) : time
  if (typeof given !== 'number') return undefined
  const milliseconds = given < SECONDS_MAX ? given * 1_000 : given
  return milliseconds > 0 && milliseconds <= TIME_MAX_MS ? milliseconds : undefined
}

function secondsAndNanoseconds (milliseconds: number): [number, number] {
  return [Math.floor(milliseconds / 1_000), Math.floor((milliseconds % 1_000) * 1e6)]
}
