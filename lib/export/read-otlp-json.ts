import type { Field, Type } from 'protobufjs/light.js'
import { OTLP_MESSAGES } from './otlp-messages.ts'
import type { Signal } from './parcel.ts'

/**
 * Makes protobuf of a request in OTLP JSON.
 *
 * @throws {TypeError | SyntaxError | RangeError} the text is no JSON, or no such request
 */
export type ReadOtlpJson = (signal: Signal, json: string) => Uint8Array

const REQUESTS: Readonly<Record<Signal, string>> = {
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  logs: 'ExportLogsServiceRequest'
}

/** In hexadecimal, where protobuf's own mapping has base64. */
const IDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId'])
const HEX = /^(?:[0-9a-f]{2})*$/i
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const INTEGER = /^-?\d+$/
const DEPTH_MAX = 100
const DOUBLES: ReadonlyMap<unknown, number> = new Map([['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity]])

/** Loads the encoder, which is large, for where it is needed. */
export async function loadReadOtlpJson (): Promise<ReadOtlpJson> {
  const { default: { Root } } = await import('protobufjs/light.js')
  const root = Root.fromJSON({ nested: { ...OTLP_MESSAGES } }).resolveAll()
  return (signal, json) => {
    const type = root.lookupType(REQUESTS[signal])
    return type.encode(readMessage(type, JSON.parse(json), 0)).finish()
  }
}

type Message = Record<string, unknown>

/** Fields that are unknown are left out, as OTLP demands; `null` is the same as no field. */
function readMessage (type: Type, value: unknown, depth: number): Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${type.name} is no object`)
  if (depth > DEPTH_MAX) throw new RangeError(`a message has more than ${DEPTH_MAX} others around it`)
  const message = value as Message
  const { fields } = type
  // In place: a copy of it all takes longer than what is changed. The encoder asks for the fields that it knows, and has null for none.
  for (const name of Object.keys(message)) {
    const given = message[name]
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined || given === null) continue
    const read = field.repeated ? readList(field, given, depth) : readValue(field, given, depth)
    if (read !== given) message[name] = read
  }
  return message
}

function readList (field: Field, given: unknown, depth: number): unknown[] {
  if (!Array.isArray(given)) throw new TypeError(`${field.name} is no array`)
  for (let at = 0; at < given.length; at++) {
    const read = readValue(field, given[at], depth)
    if (read !== given[at]) given[at] = read
  }
  return given
}

function readValue (field: Field, given: unknown, depth: number): unknown {
  if (field.resolvedType !== null) return readMessage(field.resolvedType as Type, given, depth + 1)
  switch (field.type) {
    case 'string':
      if (typeof given === 'string') return given
      break
    case 'bool':
      if (typeof given === 'boolean') return given
      break
    case 'bytes':
      if (typeof given === 'string') return readBytes(field.name, given)
      break
    case 'double': {
      const number = typeof given === 'string' ? DOUBLES.get(given) ?? Number(given) : given
      if (typeof number === 'number' && given !== '') return number
      break
    }
    case 'int64': case 'uint64': case 'fixed64': case 'sfixed64': return readInteger(field, given, 64)
    default: return Number(readInteger(field, given, 32).low) | 0
  }
  throw new TypeError(`${field.name} cannot be ${typeof given}`)
}

function readBytes (name: string, given: string): Buffer {
  const isHex = IDS.has(name)
  if (!(isHex ? HEX : BASE64).test(given)) throw new TypeError(`${name} is not in ${isHex ? 'hexadecimal' : 'base64'}`)
  return Buffer.from(given, isHex ? 'hex' : 'base64')
}

/** Both halves of the number: a number of JSON cannot hold nanoseconds, which is why they are texts. */
function readInteger ({ name, type }: Field, given: unknown, bits: 32 | 64): { low: number, high: number, unsigned: boolean } {
  const isInteger = typeof given === 'string' ? INTEGER.test(given) : Number.isInteger(given)
  if (!isInteger) throw new TypeError(`${name} is no whole number`)
  const value = BigInt(given as string | number)
  const unsigned = type.startsWith('u') || type.startsWith('f')
  const fits = (unsigned ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)) === value
  if (!fits) throw new TypeError(`${name} does not fit into ${bits} bits`)
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned }
}
