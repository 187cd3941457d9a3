import type { ByteRun } from '../rows/byte-run.ts'
import { MalformedMessage, ProtobufReader, signedText } from './protobuf-reader.ts'

/** Values within values. */
const DEPTH_MAX = 64

const decoder = new TextDecoder()

/**
 * One `AnyValue` as a text, in the way of the Collector: texts as they are, numbers in decimal, bytes in base64, lists and maps as JSON.
 *
 * @param reader at the value's beginning
 */
export function writeValue (column: ByteRun, reader: ProtobufReader): void {
  let start = -1
  let end = -1
  let text = ''
  while (reader.next()) {
    start = -1
    if (reader.field === 1) {
      reader.delimited()
      start = reader.start
      end = reader.end
    } else text = otherText(reader, text)
  }
  if (start === -1) column.text(text)
  else column.bytesText(reader.bytes, start, end)
}

/** Of what is no text. */
function otherText (reader: ProtobufReader, before: string): string {
  switch (reader.field) {
    case 2: reader.varint(); return reader.low === 0 ? 'false' : 'true'
    case 3: reader.varint(); return signedText(reader.low, reader.high)
    case 4: return String(reader.double())
    case 5: reader.delimited(); return listJson(new ProtobufReader(reader.bytes, reader.start, reader.end), 1)
    case 6: reader.delimited(); return mapJson(new ProtobufReader(reader.bytes, reader.start, reader.end), 1)
    case 7: reader.delimited(); return base64(reader)
    default: reader.skip(); return before
  }
}

function listJson (reader: ProtobufReader, depth: number): string {
  const values: string[] = []
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    reader.delimited()
    values.push(valueJson(new ProtobufReader(reader.bytes, reader.start, reader.end), depth))
  }
  return `[${values.join(',')}]`
}

/** Keys in their order, as the Collector has them. */
function mapJson (reader: ProtobufReader, depth: number): string {
  const values = new Map<string, string>()
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip()
      continue
    }
    reader.delimited()
    const [key, value] = keyAndJson(new ProtobufReader(reader.bytes, reader.start, reader.end), depth)
    values.set(key, value)
  }
  return `{${[...values.keys()].sort().map(key => `${quoted(key)}:${values.get(key)!}`).join(',')}}`
}

function keyAndJson (reader: ProtobufReader, depth: number): [key: string, value: string] {
  let key = ''
  let value = 'null'
  while (reader.next()) {
    if (reader.field === 1) {
      reader.delimited()
      key = utf8(reader)
    } else if (reader.field === 2) {
      reader.delimited()
      value = valueJson(new ProtobufReader(reader.bytes, reader.start, reader.end), depth)
    } else reader.skip()
  }
  return [key, value]
}

function valueJson (reader: ProtobufReader, depth: number): string {
  if (depth > DEPTH_MAX) throw new MalformedMessage(`a value has more than ${DEPTH_MAX} others around it`)
  let json = 'null'
  while (reader.next()) {
    switch (reader.field) {
      case 1: reader.delimited(); json = quoted(utf8(reader)); break
      case 4: json = JSON.stringify(reader.double()); break
      case 5: reader.delimited(); json = listJson(new ProtobufReader(reader.bytes, reader.start, reader.end), depth + 1); break
      case 6: reader.delimited(); json = mapJson(new ProtobufReader(reader.bytes, reader.start, reader.end), depth + 1); break
      case 7: reader.delimited(); json = reader.end === reader.start ? 'null' : `"${base64(reader)}"`; break
      default: json = otherText(reader, json)
    }
  }
  return json
}

/** As the Collector quotes: also the two line ends that JSON takes as they are. */
function quoted (text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, end => end === '\u2028' ? '\\u2028' : '\\u2029')
}

function utf8 ({ bytes, start, end }: ProtobufReader): string {
  return decoder.decode(bytes.subarray(start, end))
}

function base64 ({ bytes, start, end }: ProtobufReader): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('base64')
}
