import { SpanKind, TraceFlags } from '@opentelemetry/api'
import type { AttributeEncoder } from '../otlp/encode-attributes.ts'
import { ProtobufWriter } from '../otlp/protobuf-writer.ts'
import { writeNumber, writeText } from '../otlp/write-fields.ts'
import type { AttributeBlock } from './attribute-block.ts'
import type { FastSpan, RecordedEvent, RecordedLink } from './fast-span.ts'
import { SpanIds } from './span-ids.ts'
import { traceStateText } from './trace-state-text.ts'
import { writeSpanId, writeTraceId } from './write-ids.ts'

// Tags of opentelemetry/proto/trace/v1: field number × 8 + wire type.
const SPAN_TRACE_ID = 0x0a
const SPAN_SPAN_ID = 0x12
const SPAN_TRACE_STATE = 0x1a
const SPAN_PARENT_SPAN_ID = 0x22
const SPAN_NAME = 0x2a
const SPAN_KIND = 0x30
const SPAN_START_TIME = 0x39
const SPAN_END_TIME = 0x41
const SPAN_ATTRIBUTES = 0x4a
const SPAN_DROPPED_ATTRIBUTES = 0x50
const SPAN_EVENTS = 0x5a
const SPAN_DROPPED_EVENTS = 0x60
const SPAN_LINKS = 0x6a
const SPAN_DROPPED_LINKS = 0x70
const SPAN_STATUS = 0x7a
/** Field 16: its tag takes two bytes. */
const SPAN_FLAGS = [0x85, 0x01] as const
/** What the API takes a span for that says nothing else. */
const KIND_INTERNAL = 1
const EVENT_TIME = 0x09
const EVENT_NAME = 0x12
const EVENT_ATTRIBUTES = 0x1a
const EVENT_DROPPED_ATTRIBUTES = 0x20
const LINK_TRACE_ID = 0x0a
const LINK_SPAN_ID = 0x12
const LINK_TRACE_STATE = 0x1a
const LINK_ATTRIBUTES = 0x22
const LINK_DROPPED_ATTRIBUTES = 0x28
const LINK_FLAGS = 0x35
const STATUS_MESSAGE = 0x12
const STATUS_CODE = 0x18

/** Of the flags, these say whether it is known that the other side is remote, and that it is. */
const FLAG_HAS_IS_REMOTE = 0x100
const FLAG_IS_REMOTE = 0x200

/** Room for everything of fixed size in a span. */
const FIXED_SIZE = 96

/** What most blocks take, to begin with. */
const BLOCK_SIZE = 256

/** Writes an ended span as a `Span` under `tag`. Fields at their default are left out, as proto3 does. */
export function writeSpan (writer: ProtobufWriter, tag: number, span: FastSpan, encoder: AttributeEncoder): void {
  writer.reserve(FIXED_SIZE)
  writer.byte(tag)
  const start = writer.begin()
  const { ids, parent, traceState, traceFlags } = span
  writeTraceId(writer, SPAN_TRACE_ID, ids)
  writeSpanId(writer, SPAN_SPAN_ID, ids)
  if (traceState !== undefined) writeText(writer, SPAN_TRACE_STATE, traceStateText(traceState))
  writer.reserve(FIXED_SIZE)
  if (parent !== undefined) writeSpanId(writer, SPAN_PARENT_SPAN_ID, parent.ids)
  writeText(writer, SPAN_NAME, span.name)
  writer.reserve(FIXED_SIZE)
  writer.byte(SPAN_KIND)
  // A byte that is no kind would make a request invalid, and every span in it be lost.
  writer.byte(span.kind >= SpanKind.INTERNAL && span.kind <= SpanKind.CONSUMER ? span.kind + 1 : KIND_INTERNAL)
  writer.byte(SPAN_START_TIME)
  writer.fixed64Time(span.startTime[0], span.startTime[1])
  writer.byte(SPAN_END_TIME)
  writer.fixed64Time(span.endTime[0], span.endTime[1])
  const { keys, values, blocks, droppedCount } = span.attributes
  for (let link = blocks; link !== undefined; link = link.next) {
    link.block.bytes ??= encodedBlock(link.block, encoder)
    writer.raw(link.block.bytes)
  }
  for (let index = 0; index < keys.length; index++) encoder.write(writer, SPAN_ATTRIBUTES, keys[index] as string, values[index])
  writeNumber(writer, SPAN_DROPPED_ATTRIBUTES, droppedCount)
  for (const event of span.events) writeEvent(writer, event, encoder)
  writeNumber(writer, SPAN_DROPPED_EVENTS, span.droppedEventsCount)
  for (const link of span.links) writeLink(writer, link, encoder)
  writeNumber(writer, SPAN_DROPPED_LINKS, span.droppedLinksCount)
  if (span.status.code !== 0) writeStatus(writer, span.status)
  writer.reserve(2)
  writer.byte(SPAN_FLAGS[0])
  writer.byte(SPAN_FLAGS[1])
  // A kept span was not sampled at its start; what is exported counts as sampled, and some receivers drop what does not.
  writer.fixed32(flagsOf(traceFlags | TraceFlags.SAMPLED, parent))
  writer.finish(start)
}

function encodedBlock ({ keys, values }: AttributeBlock, encoder: AttributeEncoder): Uint8Array {
  const writer = new ProtobufWriter(BLOCK_SIZE)
  for (let index = 0; index < keys.length; index++) encoder.write(writer, SPAN_ATTRIBUTES, keys[index] as string, values[index])
  return new Uint8Array(writer.written)
}

function flagsOf (traceFlags: number, other: { readonly isRemote?: boolean | undefined } | undefined): number {
  return (traceFlags & 0xff) | FLAG_HAS_IS_REMOTE | (other?.isRemote === true ? FLAG_IS_REMOTE : 0)
}

function writeEvent (writer: ProtobufWriter, { name, time, attributes, droppedAttributesCount }: RecordedEvent, encoder: AttributeEncoder): void {
  writer.reserve(FIXED_SIZE)
  writer.byte(SPAN_EVENTS)
  const start = writer.begin()
  writer.byte(EVENT_TIME)
  writer.fixed64Time(time[0], time[1])
  writeText(writer, EVENT_NAME, name)
  for (const key in attributes) encoder.write(writer, EVENT_ATTRIBUTES, key, attributes[key])
  writeNumber(writer, EVENT_DROPPED_ATTRIBUTES, droppedAttributesCount)
  writer.finish(start)
}

function writeLink (writer: ProtobufWriter, { context, attributes, droppedAttributesCount }: RecordedLink, encoder: AttributeEncoder): void {
  writer.reserve(FIXED_SIZE)
  writer.byte(SPAN_LINKS)
  const start = writer.begin()
  const ids = SpanIds.of(context)
  writeTraceId(writer, LINK_TRACE_ID, ids)
  writeSpanId(writer, LINK_SPAN_ID, ids)
  if (context.traceState !== undefined) writeText(writer, LINK_TRACE_STATE, traceStateText(context.traceState))
  for (const key in attributes) encoder.write(writer, LINK_ATTRIBUTES, key, attributes[key])
  writeNumber(writer, LINK_DROPPED_ATTRIBUTES, droppedAttributesCount)
  writer.reserve(1)
  writer.byte(LINK_FLAGS)
  writer.fixed32(flagsOf(context.traceFlags, context))
  writer.finish(start)
}

function writeStatus (writer: ProtobufWriter, { code, message }: FastSpan['status']): void {
  writer.reserve(FIXED_SIZE)
  writer.byte(SPAN_STATUS)
  const start = writer.begin()
  if (message !== undefined) writeText(writer, STATUS_MESSAGE, message)
  writer.reserve(2)
  writer.byte(STATUS_CODE)
  writer.byte(code)
  writer.finish(start)
}
