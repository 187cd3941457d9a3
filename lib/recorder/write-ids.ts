import type { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import type { SpanIds } from './span-ids.ts'

/** The caller has reserved the room. */
export function writeTraceId (writer: ProtobufWriter, tag: number, ids: SpanIds): void {
  writer.byte(tag)
  writer.byte(16)
  writer.word(ids.trace0)
  writer.word(ids.trace1)
  writer.word(ids.trace2)
  writer.word(ids.trace3)
}

/** The caller has reserved the room. */
export function writeSpanId (writer: ProtobufWriter, tag: number, ids: SpanIds): void {
  writer.byte(tag)
  writer.byte(8)
  writer.word(ids.span0)
  writer.word(ids.span1)
}
