import type { Field, Type } from 'protobufjs/light.js'
import { OTLP_MESSAGES } from './otlp-messages.ts'
import type { Signal } from './parcel.ts'

/** Gives a request in protobuf as OTLP JSON. Throws on bytes that are no such request. */
export type OtlpJson = (signal: Signal, request: Uint8Array) => string

const REQUESTS: Readonly<Record<Signal, string>> = {
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  logs: 'ExportLogsServiceRequest'
}

/** Ids are in hexadecimal, other bytes in base64. One that is empty is none. */
const IDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId'])

/** What the SDK's serializer leaves out where there is nothing to say; of all else it writes the default too. */
const LEFT_OUT_WHEN_EMPTY: ReadonlySet<string> = new Set([
  'traceState', 'schemaUrl', 'version', 'message', 'eventName', 'exemplars', 'filteredAttributes', 'zeroThreshold'
])

/** Loads the decoder, which is large, for where it is needed. */
export async function loadOtlpJson (): Promise<OtlpJson> {
  const { default: { Root } } = await import('protobufjs/light.js')
  const root = Root.fromJSON({ nested: { ...OTLP_MESSAGES } })
  const writers = new Map<Type, MessageWriter>()
  return (signal, request) => {
    const type = root.lookupType(REQUESTS[signal])
    const message = type.decode(Buffer.from(request.buffer, request.byteOffset, request.byteLength))
    return JSON.stringify(writerOf(type, writers)(message as unknown as Message))
  }
}

type Message = Readonly<Record<string, unknown>>
type MessageWriter = (message: Message) => Record<string, unknown>
/** The schema says what protobufjs decodes a field to; the compiler cannot know. */
type ValueWriter = (value: any) => unknown

/** Makes what JSON.stringify() takes of a decoded message; fields that are not on the wire have their defaults. */
function writerOf (type: Type, writers: Map<Type, MessageWriter>): MessageWriter {
  const known = writers.get(type)
  if (known !== undefined) return known
  // Messages can hold each other: this one is there before it knows its fields.
  const write: MessageWriter = message => {
    const written: Record<string, unknown> = {}
    for (const { name, isAlternative, writeValue } of fields) {
      if (isAlternative && !Object.hasOwn(message, name)) continue
      const value = writeValue(message[name])
      if (value !== undefined) written[name] = value
    }
    return written
  }
  writers.set(type, write)
  const fields = type.fieldsArray.map(field => ({
    name: field.name, isAlternative: field.partOf !== null, writeValue: fieldWriter(field.resolve(), writers)
  }))
  return write
}

function fieldWriter (field: Field, writers: Map<Type, MessageWriter>): ValueWriter {
  const writeOne = valueWriter(field, writers)
  const write: ValueWriter = field.repeated ? values => values.map(writeOne) : writeOne
  if (!LEFT_OUT_WHEN_EMPTY.has(field.name)) return write
  return value => value === '' || value === 0 || value.length === 0 ? undefined : write(value)
}

function valueWriter (field: Field, writers: Map<Type, MessageWriter>): ValueWriter {
  if (field.resolvedType !== null) {
    const type = field.resolvedType as Type
    const write = writerOf(type, writers)
    return value => write(value ?? type.ctor.prototype)
  }
  if (field.name.endsWith('UnixNano')) return writeTime
  switch (field.type) {
    case 'bytes': return IDS.has(field.name) ? writeId : writeBytes
    case 'double': return writeDouble
    case 'int64': case 'uint64': case 'fixed64': case 'sfixed64': return writeInteger
    default: return value => value
  }
}

/** 64 bits as protobufjs gives them. */
interface Bits64 {
  readonly high: number
  readonly low: number
  readonly unsigned: boolean
}

function bigInteger ({ high, low, unsigned }: Bits64): bigint {
  return (BigInt(unsigned ? high >>> 0 : high) << 32n) | BigInt(low >>> 0)
}

/** Nanoseconds are more than a number can hold. */
function writeTime (bits: Bits64): string {
  return bigInteger(bits).toString()
}

/** A number wherever it can be one, as the SDK writes it; readers of OTLP JSON take both. */
function writeInteger (bits: Bits64): number | string {
  const value = bigInteger(bits)
  return BigInt.asIntN(54, value) === value ? Number(value) : value.toString()
}

/** JSON has no word for these. */
function writeDouble (value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function writeId (bytes: Uint8Array): string | undefined {
  return bytes.length === 0 ? undefined : asBuffer(bytes).toString('hex')
}

function writeBytes (bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64')
}

/** The default of a field is an empty array. */
function asBuffer (bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)
}
