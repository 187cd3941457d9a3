import type { ProtobufWriter } from './protobuf-writer.ts'

const TWO_TO_32 = 2 ** 32

/** Begins a message in a field. @returns what to give to {@link ProtobufWriter.finish} */
export function beginMessage (writer: ProtobufWriter, tag: number): number {
  writer.reserve(1)
  writer.byte(tag)
  return writer.begin()
}

/** An empty text is left out, as proto3 does. Code without types may give what is no text: nothing is lost for it. */
export function writeText (writer: ProtobufWriter, tag: number, text: string | null | undefined): void {
  if (text === '' || text === undefined || text === null) return
  if (typeof text !== 'string') return writeText(writer, tag, textOf(text))
  writer.reserve(1)
  writer.byte(tag)
  writer.string(text)
}

/** An object without a prototype, or one whose conversion throws, has no text. */
function textOf (value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}

/** A zero is left out, as proto3 does. */
export function writeNumber (writer: ProtobufWriter, tag: number, value: number): void {
  if (value === 0) return
  writer.reserve(1)
  writer.byte(tag)
  writer.varint(value)
}

/** Nanoseconds since the epoch, given as seconds and the nanoseconds beyond them. */
export function writeTime (writer: ProtobufWriter, tag: number, [seconds, nanoseconds]: readonly [number, number]): void {
  writer.reserve(1)
  writer.byte(tag)
  writer.fixed64Time(seconds, nanoseconds)
}

/** A number that is not there is left out; zero is written. */
export function writeDouble (writer: ProtobufWriter, tag: number, value: number | undefined): void {
  if (value === undefined) return
  writer.reserve(1)
  writer.byte(tag)
  writer.double(value)
}

export function writeFixed64 (writer: ProtobufWriter, tag: number, value: number): void {
  writer.reserve(1)
  writer.byte(tag)
  writeLong(writer, value)
}

/** 64 bits, negative numbers in two's complement. */
export function writeLong (writer: ProtobufWriter, value: number): void {
  writer.fixed32(value >>> 0)
  writer.fixed32(Math.floor(value / TWO_TO_32) >>> 0)
}

/** A signed number of 32 bits, small ones of either sign in few bytes ("zigzag"). */
export function writeSigned (writer: ProtobufWriter, tag: number, value: number): void {
  writer.reserve(1)
  writer.byte(tag)
  writer.varint(((value << 1) ^ (value >> 31)) >>> 0)
}
